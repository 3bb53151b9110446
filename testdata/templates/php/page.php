<?php
declare(strict_types=1);

include __DIR__ . '/_header.php';
?>
<script>const data = <?= json_encode($data, JSON_HEX_TAG) ?>;</script>
</head>
<body>
<?php $id = 1; include __DIR__ . '/_open.php' ?>
<?php if ($debug): ?>console.log("script");<?php endif ?>

</script>
<script src=<?= $url('app.js') ?> ></script>
</body></html>
<?php // the end: <script> is a comment
