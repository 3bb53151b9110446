<%@ page contentType="text/html; charset=UTF-8" %>
<%@ taglib prefix="t" tagdir="/WEB-INF/tags" %>
<%! String hidden = "<script>"; %>
<jsp:declaration><![CDATA[String kept = "<script>";]]></jsp:declaration>
<% request.setAttribute("markup", hidden + kept + (1 < 2 ? "<style>" : "")); %>
<jsp:scriptlet><![CDATA[if (request.getAttribute("markup").toString().indexOf("<script>") < 0) throw new IllegalStateException("<script>");]]></jsp:scriptlet>
<t:layout>
<jsp:attribute name="js">
  for (let i = 0; i <rows.length; i++) text += "<script>" + "<style>" + rows[i];
  ran("page.jsp: a fragment in a script, for ${who}: " + text);
</jsp:attribute>
<jsp:body>
<script>ran("page.jsp: in a body, for ${who}, ${markup}")</script>
<script>ran("page.jsp: without code")</script>
<t:box item="one"><script>ran("page.jsp: in the body of a tag, for ${who}")</script></t:box>
<t:box item="two"/>
<jsp:include page="list.jsp"><jsp:param name="a" value="${who}"/></jsp:include>
<iframe srcdoc="<script>top.ran('page.jsp: in a srcdoc, for ${who}')</script>"></iframe>
</jsp:body>
</t:layout>
