<%def name="cell(a, b)">
<td><script>cell(${a}, ${b})</script></td>
% if a > b:
<td><script async>
% else:
<td><script defer>
% endif
compare()</script></td></%def>
<table>
% for a in range(40):
<tr>
% for b in range(40):
${cell(a, b)}
% endfor
</tr>
% endfor
</table>
