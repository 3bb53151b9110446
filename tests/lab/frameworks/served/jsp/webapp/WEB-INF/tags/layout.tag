<%@ tag pageEncoding="UTF-8" %>
<%@ attribute name="js" fragment="true" %>
<!doctype html>
<html lang="en">
<head>
<title>t</title>
<script>ran("layout.tag: in the layout, for ${who}")</script>
<style>p { color: ${color} }</style>
<script src="/external.js"></script>
<script>
  var rows = [1, 2, 3], text = "";
  <jsp:invoke fragment="js"/>
  <%@ include file="/inside.jspf" %>
</script>
</head>
<body onload="ran('layout.tag: a handler')">
${q}
<jsp:doBody/>
<jsp:include page="/partial.jsp"/>
<p style="margin: 0">t</p>
</body>
</html>
