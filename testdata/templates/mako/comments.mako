## <script>no()</script>
  ## "<style>
<%doc> <script>no()</script> ${ } <style> </%doc>
<!-- <script>no("${a}")</script> --><script>yes()</script>
% for i in range(2): # <script>
<style>p${i} {}</style>
% endfor
<%
  # a comment with %} and '<script>'
  b = 1
%>
<p>## not a comment <script>yes(${b})</script></p>
%% <script>percent()</script>
