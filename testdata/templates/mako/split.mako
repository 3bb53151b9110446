<%include file="_open.mako" args="a=1"/>
% if a > 0:
done();
% endif
</script><style>p {}</style>
