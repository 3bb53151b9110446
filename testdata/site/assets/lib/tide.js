// Two-constituent tide curve: the semi-diurnal moon and sun tides.
import { clamp } from "kelpline/math.js";

export function heights({ mean, moon, sun, hours = 24, step = 0.5 }) {
  const out = [];
  for (let t = 0; t <= hours; t += step) {
    out.push(clamp(mean + moon * Math.cos(2 * Math.PI * t / 12.42) + sun * Math.cos(2 * Math.PI * t / 12), 0, 12));
  }
  return out;
}

export function path(values, width, height) {
  const top = Math.max(...values);
  return values.map((v, i) => `${i ? "L" : "M"}${(i * width / (values.length - 1)).toFixed(1)},${(height - v / top * (height - 10)).toFixed(1)}`).join("");
}
