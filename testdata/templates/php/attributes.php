<script <?php if ($a > $b): ?>defer<?php endif ?> src="<?= "x>.js" ?>"></script>
<script<?= $attributes ?>>run();</script>
<script
  <?php foreach (['data-a', 'data-b'] as $name): ?>
  <?= $name ?>='<?= strlen($name) ?>'
  <?php endforeach ?>

  type="<?= $modern ? "module" : 'text/javascript' ?>">1</script>
<SCRIPT <?php /* a > b " ?> */ ?> ASYNC SRC='<?= $url ?>'></SCRIPT>
<a href=<?= $url ?>>link</a><style<?php if ($media) { ?> media=<?= $media ?><?php } ?>>a { color: red }</style>
<script class="a<?= $b ?>c" id=<?= $b ?>>2</script>
