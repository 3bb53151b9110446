<script type="module">let a = ${a};
