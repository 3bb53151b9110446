<%@ page contentType="text/html; charset=UTF-8" %>
<% for (int i = 0; i <2; i++) { %><script>ran("list.jsp: in a loop, <%= i %>")</script><% } %>
<% if (request.getAttribute("who") != null) { %><script><% } else { %><script type="module"><% } %>ran("list.jsp: in branches, for ${param.a}")</script>
