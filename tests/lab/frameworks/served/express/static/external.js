ran("external.js");
