<?php // <script>no()</script> ?><script>yes(1)</script>
<!-- <script>no("<?= $a ?>")</script> --><script>yes(2)</script>
<?php # <style> ' " ?>
<?php /* <script>no()</script> ?> over
  lines */ ?><style>p {}</style>
<?php $f = #[Pure("?>")] fn () => 1 ?>
<p><?php /** { */ ?></p><script>yes(3)</script>
<?php
// it's "unfinished ?><script>yes(4)</script>
<?php
__halt_compiler(); <script>data, not code</script>
