% if modern:
<script async src="a.js">
% else:
<script defer src="b.js">
% endif
</script>
% if not modern:
  <script type="module">
% elif legacy:
  <script>
% else:
  <script async>
% endif
  start();
</script>
% for kind in ("async", "defer"):
<script ${kind}>
  % if loop.first:
  first();
  % endif
</script>
% endfor
<% tag = "async" if modern else "defer" %><style>p {}</style>
