<table><?php for ($a = 0; $a < 40; $a++): for ($b = 0; $b < 40; $b++): ?>
<tr><td><script>cell(<?= $a ?>, <?= $b ?>)</script></td>
<td><?php if ($a > $b): ?><script async><?php else: ?><script defer><?php endif ?>compare()</script></td></tr><?php endfor; endfor ?>
</table>
