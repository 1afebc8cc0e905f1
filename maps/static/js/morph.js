// Bring a part of the page up to a newer copy of itself, leaving in place whatever is the same:
// scroll, focus, what was opened and what was typed stay as they were.

/** What the reader, not the server, decides. */
const READERS = new Set(['open', 'hidden', 'value', 'checked', 'aria-current']);

/** @param {Element} old @param {Element} next @param {(name: string) => boolean} [kept]  Attributes to leave alone. */
export function morph(old, next, kept = (name) => READERS.has(name)) {
  for (const { name, value } of [...next.attributes]) {
    if (!kept(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!kept(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  }
  morphChildren(old, next, kept);
}

/** @param {Element} old @param {Element} next @param {(name: string) => boolean} kept */
function morphChildren(old, next, kept) {
  /** @type {Map<string, Element>} */
  const byKey = new Map();
  for (const child of old.children) if (morphKey(child)) byKey.set(morphKey(child), child);
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = wanted instanceof Element ? morphKey(wanted) : '';
    const found = key ? byKey.get(key) : at && sameKind(at, wanted) ? at : null;
    if (!found) {
      old.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else old.insertBefore(found, at);
    if (found instanceof Element) morph(found, /** @type {Element} */ (wanted), kept);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** Whether one may become the other: what has a key is only ever itself. @param {Node} old @param {Node} next */
function sameKind(old, next) {
  return old.nodeName === next.nodeName && !(old instanceof Element && morphKey(old));
}

/** @param {Element} element */
function morphKey(element) {
  return element.id || element.getAttribute('data-cell') || element.getAttribute('data-key') || '';
}
