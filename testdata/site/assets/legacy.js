/* kept for the embedded kiosk displays: adds Array.from where it is missing */
if (!Array.from) Array.from = function (list) { return [].slice.call(list); };
