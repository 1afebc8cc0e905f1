// Sentences of the page's language. English is the source; the page carries its own catalogue.

/** @type {Record<string, string>} */
const WORDS = JSON.parse(document.getElementById('words')?.textContent || '{}');

/**
 * Return a sentence with its values in place. The template is a literal, so that the catalogues find it.
 * @param {string} template  English, with `{names}`.
 * @param {Record<string, string | number>} [values]
 */
export function say(template, values = {}) {
  const spoken = WORDS[template] || template;
  return spoken.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
}
