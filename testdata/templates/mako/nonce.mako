<script nonce="">1</script>
<script nonce>2</script>
<style nonce=''>p { color: ${color} }</style>
<script nonce="${csp_nonce}">3</script>
<script defer nonce="${csp_nonce}">4</script>
<script NONCE="" defer src="a.js"></script>
<script data-nonce="" src="b.js"></script>
