<script type="module">
const id = <?= $id ?>;
