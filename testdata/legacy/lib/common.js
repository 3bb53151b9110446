// common.js - 14.03.2001 hk
function openPage(url) { if (parent && parent.frames["main"]) parent.frames["main"].location.href = url; else location.href = url; }
function mark(name) { document.documentElement.setAttribute("data-ran-" + name, "1"); }
function show(text) { window.status = text; document.documentElement.setAttribute("data-said", text); }
