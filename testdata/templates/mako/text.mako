<%text><script>render("${not_mako}", <% no %>);</script>
% if
## <style>p {}</style></%text>
<%text filter="trim"> <style>${ }</style> </%text>
<script>after("${a}");</script>
