<?php if ($modern) { ?><script async src="a.js"><?php } else { ?><script defer src="b.js"><?php } ?></script>
<?php if (!$modern): ?><script type="module"><?php elseif ($legacy): ?><script><?php else: ?>
<script async>
<?php endif ?>
start();
</script>
<?php if ($modern): ?><style media="screen"><?php else: ?><style><?php endif ?>p { color: <?= $color ?> }</style>
<?php switch ($color): case 'red': ?><script>red()<?php break; default: ?><script>other()<?php endswitch ?></script>
<?php if ($modern): ?><script>one()<?php if ($legacy): ?></script><script>two()<?php endif ?></script><?php endif ?>
