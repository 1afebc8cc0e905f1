// Small things to build a page with. What people wrote becomes text, never HTML.

/** @typedef {Node | string | null | false | undefined} Child */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | boolean | EventListener>} [props]
 *   Attributes; `on…` are listeners, true is an attribute without a value, false is none.
 * @param {Child[]} children @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  put(made, ...children);
  return made;
}

/** Put children at the end of a node, leaving out those that are nothing. @param {Element} node @param {Child[]} children */
export function put(node, ...children) {
  for (const child of children) if (child || child === '') node.append(child);
}

/** Put children in place of what a node holds. @param {Element} node @param {Child[]} children */
export function fill(node, ...children) {
  node.replaceChildren();
  put(node, ...children);
}

/** An icon of the page's own set. @param {string} name */
export function icon(name) {
  return sign('icon', `#icon-${name}`, '0 0 24 24');
}

/** The shape of an issue's state. @param {string} state */
export function shape(state) {
  return sign('shape', `#shape-${state}`, '0 0 16 16');
}

/** @param {string} className @param {string} href @param {string} box */
function sign(className, href, box) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  svg.setAttribute('class', className);
  svg.setAttribute('viewBox', box);
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', href);
  svg.append(use);
  return svg;
}

/** The element of an id, which the template has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks #${id}`);
  return found;
}

/** A notice: a sign, what is so, and what to do. @param {string} kind @param {string} sign @param {Child[]} children */
export function notice(kind, sign, ...children) {
  return el('div', { class: `notice ${kind}` }, icon(sign), el('div', {}, ...children));
}
