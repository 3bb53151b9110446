<script type="module">ran("partial.jsp: an included page, for ${who}")</script>
