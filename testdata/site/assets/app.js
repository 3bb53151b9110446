/* Kelpline site behaviour */
(function () {
  "use strict";
  var root = document.documentElement;
  root.dataset.ranApp = "1";

  function say(text) {
    var box = document.querySelector(".status");
    if (box) box.textContent = text;
    root.dataset.said = text;
  }

  var toggle = document.querySelector("[data-theme-toggle]");
  if (toggle) toggle.addEventListener("click", function () {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("kelpline-theme", root.dataset.theme); } catch (e) {}
  });

  window.kelpline = {
    say: say,
    ready: function () { root.dataset.ranReady = "1"; },
    copy: function (button, id) {
      var text = document.getElementById(id).textContent;
      if (navigator.clipboard) navigator.clipboard.writeText(text).catch(function () {});
      button.textContent = "Copied";
      root.dataset.ranCopy = "1";
    },
    subscribe: function (form, event) {
      if (event.submitter && event.submitter.hasAttribute("formaction")) return true;
      say("Thank you, " + (form.elements.name.value || "skipper") + ". We answer within two working days.");
      root.dataset.ranSubmit = "1";
      return false;
    },
    preview: function () { say("Preview: your message is ready to send."); root.dataset.ranPreview = "1"; }
  };
})();
