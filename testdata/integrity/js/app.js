import { draw } from "./draw.js";
draw(document.body);
