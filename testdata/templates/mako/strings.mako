${"<script>alert(1)</script>" | h} ${'}<style>' | h}
${"""}
<script>""" | h} ${{"a": "<style>}"}["a"] | h}
<% tag = "<script src='%>'>" %>${len(tag)}
<script>var a = ${"1"}, b = "${"</b>"}"; // ${'it\'s' | h}</script>
<p title="<script>${"x"}">${"a>" if "<style>" in tag else "b"}</p>
<script>document.write('<script src="w.js"><\/script>');</script>
$${a} \
<script>2</script>
