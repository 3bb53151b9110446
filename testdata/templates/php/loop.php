<ul>
<?php foreach ($items as $index => ['id' => $id, 'name' => $name]): ?>
  <li id="item-<?= $id ?>"><?= htmlspecialchars($name) ?></li>
  <script>item(<?= $index ?>, "<?= $name ?>");</script>
  <?php if ($index === 0): ?><style>.item { color: <?= $items[$index]['color'] ?> }</style><?php endif ?>

<?php endforeach ?>
</ul>
<?php while (false): ?><script>never()</script><?php endwhile ?>
<?php $cell = function ($a) use ($nonce) { ?><script>cell(<?= $a ?>)</script><?php }; $cell(1); $cell(2) ?>

