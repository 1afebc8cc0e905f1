// What the server knows of this page's reader: who, which cell, which words a report chooses from.

/**
 * @typedef {{ account: string, cell: string, name: string, zone: string, lang: string,
 *   middle: [number, number], ground: import('../ground.js').GroundName[], categories: Record<string, string>, severities: Record<string, string>,
 *   states: Record<string, string>,
 *   background: import('../background.js').Background | null }} Facts  `middle` is longitude, latitude.
 */

export const facts = /** @type {Facts} */ (JSON.parse(document.getElementById('facts')?.textContent || '{}'));
