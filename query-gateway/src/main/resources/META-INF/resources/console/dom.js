// Elements are made from parts, and every value becomes a text node: data is never parsed as HTML.

/**
 * An element. Properties whose name starts with "on" are listeners, `class`, `hidden` and the like
 * are set as attributes or properties; children are elements or values shown as text.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Puts children in the place of whatever the element held. */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

export const $ = (id) => document.getElementById(id);

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(count) {
  if (count === null || count === undefined) return "–";
  let value = Number(count);
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function count(number) {
  if (number === null || number === undefined) return "–";
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** How many of something, with the noun in the right number. */
export function many(number, noun) {
  return `${count(number)} ${noun}${Number(number) === 1 ? "" : "s"}`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  const s = Math.max(0, Number(value));
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}
