// What the pages at a desk have in common: panels by name, boxes that show and hide, the map's tools.

/** @template {Element} T @param {string} selector @param {ParentNode} [within] @returns {T[]} */
export function all(selector, within = document) {
  return /** @type {T[]} */ ([...within.querySelectorAll(selector)]);
}

/** Show the panels of one name and mark its link. @param {string} name */
export function panels(name) {
  for (const panel of all('[data-panel]')) {
    /** @type {HTMLElement} */ (panel).hidden = panel.getAttribute('data-panel') !== name;
  }
  for (const link of all('a[data-ask]')) {
    link.setAttribute('aria-current', String(link.getAttribute('data-ask') === name));
  }
}

/** A choice kept for this tab. @param {string} name @param {string} [value] */
function remember(name, value) {
  try {
    if (value) sessionStorage.setItem(`show-${name}`, value);
    return sessionStorage.getItem(`show-${name}`);
  } catch {
    return null; // a browser may forbid it
  }
}

/** Boxes switch classes of the map. @param {Element} stage @param {(name: string, on: boolean) => void} told */
export function overlays(stage, told) {
  for (const box of /** @type {HTMLInputElement[]} */ (all('[data-overlay]'))) {
    const apply = () => {
      stage.classList.toggle(`without-${box.value}`, !box.checked);
      told(box.value, box.checked);
    };
    const kept = remember(box.value);
    if (kept) box.checked = kept === 'on';
    apply();
    box.addEventListener('change', () => {
      remember(box.value, box.checked ? 'on' : 'off');
      apply();
    });
  }
}

/** The buttons over the map. @param {L.Map} map @param {() => void} fit */
export function tools(map, fit) {
  /** @type {Record<string, () => void>} */
  const acts = { 'zoom-in': () => map.zoomIn(), 'zoom-out': () => map.zoomOut(), fit };
  for (const button of all('[data-tool]')) {
    button.addEventListener('click', acts[button.getAttribute('data-tool') || '']);
  }
}

const LANG = document.documentElement.lang;

/** A number in the reader's way of writing. @param {number} value @param {number} [digits] @param {boolean} [signed] */
export function number(value, digits = 0, signed = false) {
  return new Intl.NumberFormat(LANG, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: signed ? 'always' : 'auto',
  })
    .format(value)
    .replace('-', '−');
}
