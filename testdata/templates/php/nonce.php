<script nonce="">1</script>
<script nonce>2</script>
<style nonce=''>p { color: <?= $color ?> }</style>
<script nonce="<?= $nonce ?>">3</script>
<script <?php if ($color): ?>nonce="<?= $nonce ?>"<?php endif ?>>4</script>
<script NONCE="" defer src="a.js"></script>
