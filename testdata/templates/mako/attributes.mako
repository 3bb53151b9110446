<script ${"defer" if a > b else ""} src="${'x>.js'}"></script>
<script${attributes}>run();</script>
<script
% if a > b:
  async
% endif
  data-x='${"a" + '"' | n}'>1</script>
<a href=${url}>link</a><style type=${css}>a { color: red }</style>
<SCRIPT SRC='${url}' ASYNC></SCRIPT>
<script class="a${b}c" id=${b}>2</script>
<script <%text>data-y="${no}"</%text>>3</script>
