<?= htmlspecialchars("<script>alert(1)</script> ?>") ?> <?= htmlspecialchars('?><style>') ?>

<?php
$tag = <<<HTML
  <script src="?>"> {$color}
HTML;
$other = <<<'HTML'
<style>?></style>
HTML; ?>
<?= strlen($tag . $other . "\"?><script>" . `true`) ?>

<script>var a = <?= json_encode("<b>") ?>, b = "<?= "</b>" ?>";</script>
<script>document.write('<script src="w.js"><\/script>');</script>
<p title="<script><?= "x" ?>"><?= htmlspecialchars($tag ? "a>" : "<script>") ?></p>
<p><?php echo 1, "?>", '<style>' ?></style></p>
<script>if (1 <?php if ($tag): ?>< 2<?php endif ?>) {}</script>
