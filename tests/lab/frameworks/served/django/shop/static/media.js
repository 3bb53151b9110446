ran("media.js");
