<%inherit file="_layout.mako"/>
<%namespace name="ui" file="_defs.mako"/>
<%block name="title">${heading} – ${parent.title()}</%block>
<%!
    import json
    MARK = "<script>%>"
%>
<%ui:wrap>start(${n});</%ui:wrap>
<script>
  const data = ${json.dumps({"a": {"b": "}"}})|n};
  % if n > 1:
  console.log("<script>", ${n});
  % endif
</script>
<%block name="scripts">${parent.scripts()}<script>self()</script></%block>
