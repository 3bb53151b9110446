ran("included.js");
