export function draw(element) {
  element.append("High water at 12:40");
}
