<%@ tag pageEncoding="UTF-8" %>
<%@ attribute name="item" %>
<script>ran("box.tag: around a body, ${item} for ${who}")</script>
<jsp:doBody/>
