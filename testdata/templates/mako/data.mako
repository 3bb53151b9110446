<script type="application/json">{"a": "${a}"}</script>
<script type="text/x-template"><td>${a}</td></script>
<script type="importmap">{"imports": {}}</script>
<script type="${'module'}">run("${a}")</script>
<svg><style>.a { fill: ${a} }</style></svg>
<iframe srcdoc="&lt;script&gt;1&lt;/script&gt;"></iframe><iframe srcdoc='<style>p { color: ${a} }</style>'></iframe>
<noscript><style>p {}</style></noscript>
