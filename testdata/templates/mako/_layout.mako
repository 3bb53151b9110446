<%page expression_filter="h"/>
<%namespace name="ui" file="_defs.mako"/>
<!DOCTYPE html>
<html>
<head>
  <title><%block name="title">${site}</%block></title>
  <style><%block name="css">body { margin: 0 }</%block></style>
  ${ui.script("vendor.js")}
</head>
<body>
${self.body()}
<%block name="scripts"><script src="${url}"></script></%block>
</body>
</html>
