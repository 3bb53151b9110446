<script type="application/json"><?= json_encode($data) ?></script>
<script type="text/x-handlebars" id="row"><td><?= $name ?></td></script>
<script type="text/x-handlebars-template">name</script>
<script type="importmap">{"imports": {"app": "<?= $url ?>"}}</script>
<script type="<?= $type ?>">2</script>
<svg><style>.a { fill: <?= $color ?> }</style></svg>
<iframe srcdoc="&lt;script&gt;1&lt;/script&gt;"></iframe><iframe srcdoc='<style>p { color: <?= $color ?> }</style>'></iframe>
<noscript><style>p {}</style></noscript>
