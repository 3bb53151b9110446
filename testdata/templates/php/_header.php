<?php
/** @var string $title <script> */
$url = fn ($path) => "/assets/$path?>";
?>
<!DOCTYPE html>
<html>
<head>
  <title><?= htmlspecialchars($title) ?></title>
  <style>body { margin: 0 }</style>
  <script defer src="<?= htmlspecialchars($url('vendor.js')) ?>"></script>
