// What the server says of a boundary file, in words and tables. What the file's makers wrote becomes text.
import { number } from '../desk.js';
import { el, fill, icon, notice } from '../work/dom.js';
import { say } from '../words.js';

/**
 * @typedef {{ feature?: number, code: string, message: string, remedy: string, lon: number | null,
 *   lat: number | null, size_m2: number | null, geometry?: GeoJSON.Geometry }} Problem
 * @typedef {{ kind: string, cells: string[], area_m2: number, geometry: GeoJSON.Geometry }} Defect
 * @typedef {{ accepted: boolean, applied: boolean, sha256: string, read: number, written: number,
 *   skipped: number, problems: Problem[], problem_count: number, notes: Record<string, number>, fields: string[],
 *   preview: Record<string, string>[], encoding: string, crs: string,
 *   cells: GeoJSON.FeatureCollection, defects: Defect[] }} Report
 * @typedef {{ go: (number: number) => void, apply: () => void }} Acts
 */

const HECTARE_M2 = 10_000;
/** More rows than this nobody reads; the rest is counted. */
const MOST_ROWS = 200;

/** How many cells the file would make, change, or leave. @param {Report} report */
export function changes({ cells }) {
  /** @type {Record<string, number>} */
  const counts = { new: 0, changed: 0, unchanged: 0 };
  for (const { properties } of cells.features) counts[properties?.change] += 1;
  return counts;
}

/** Write a report of a file that was looked at. @param {HTMLElement} section @param {Report} report @param {Acts} acts */
export function written(section, report, acts) {
  const counts = changes(report);
  const nothing = report.accepted && !counts.new && !counts.changed;
  fill(
    section,
    el('div', { class: 'answer' }, el('h2', {}, headline(report, counts)), el('p', {}, read(report))),
    report.accepted
      ? notice('', 'info', el('p', {}, nothing ? say('The file has nothing new. There is nothing to apply.') : say('Nothing has changed yet.')))
      : notice('bad', 'alert', el('p', {}, say('Mend the file, or change the options above, and check it again. Nothing was changed.'))),
    sums(report, counts),
    problems(report, acts),
    defects(report),
    cellsTable(report),
    preview(report),
    report.accepted && !nothing &&
      el(
        'div',
        { class: 'apply' },
        el('button', { type: 'button', class: 'btn main', id: 'apply', onclick: acts.apply }, icon('check'), el('span', {}, say('Apply …'))),
        el('p', { class: 'small quiet' }, say('Asks once more before it changes cells for everybody.')),
      ),
  );
  section.hidden = false;
}

/** Write that it was done, and lead to the result. @param {HTMLElement} section @param {Report} report @param {string} href */
export function done(section, report, href) {
  const { written: n, skipped } = report;
  fill(
    section,
    el(
      'div',
      { class: 'done' },
      icon('check'),
      el('h2', {}, say('Applied: {n} cells are new or changed.', { n })),
      skipped > 0 && el('p', {}, say('{n} features were left out.', { n: skipped })),
      el('a', { class: 'btn main', href }, say('See the cells')),
    ),
  );
  section.hidden = false;
}

/** @param {Report} report @param {Record<string, number>} counts */
function headline(report, counts) {
  if (!report.accepted) return say('The file cannot be taken in. Problems: {n}.', { n: report.problem_count });
  return say('The file can be taken in: {new} new, {changed} changed, {unchanged} unchanged.', counts);
}

/** @param {Report} report */
function read(report) {
  const how = [report.crs, report.encoding].filter(Boolean).join(' · ');
  return [say('{n} features read', { n: report.read }), how].filter(Boolean).join(' · ');
}

/** @param {Report} report @param {Record<string, number>} counts */
function sums(report, counts) {
  /** @type {[string, number][]} */
  const figures = [
    [say('New'), counts.new],
    [say('Changed'), counts.changed],
    [say('Unchanged'), counts.unchanged],
    [say('Left out'), report.skipped],
  ];
  const put = notes(report.notes);
  return el(
    'div',
    {},
    report.accepted && el('dl', { class: 'sums' }, ...figures.map(([term, n]) => el('div', {}, el('dt', {}, term), el('dd', {}, number(n))))),
    put.length > 0 && el('ul', { class: 'notes small' }, ...put.map((line) => el('li', {}, line))),
  );
}

/** What was put right by itself, by the words of the contract. @param {Record<string, number>} found */
function notes(found) {
  /** @type {Record<string, (n: number) => string>} */
  const words = {
    made: (n) => say('{n} cells above them are made as unions', { n }),
    matched_corners: (n) => say('{n} corners were put where a neighbour has one', { n }),
    wrong_winding: (n) => say('{n} rings ran the wrong way round', { n }),
    dropped_height: (n) => say('{n} features had heights, which were dropped', { n }),
    renamed_columns: (n) => say('{n} columns have other names now', { n }),
  };
  return Object.entries(found).flatMap(([code, n]) => (words[code] ? [words[code](n)] : []));
}

/** @param {Report} report @param {Acts} acts */
function problems(report, acts) {
  if (!report.problems.length) return null;
  const rows = report.problems.slice(0, MOST_ROWS).map((problem, i) => {
    const where = problem.lon !== null && problem.lat !== null;
    const go = el('button', { type: 'button', class: 'btn plain', onclick: () => acts.go(i) }, say('Go there'));
    return el(
      'tr',
      { 'data-problem': String(i) },
      el('th', { scope: 'row', class: 'no' }, number(i + 1)),
      el('td', { class: 'n' }, problem.feature ? number(problem.feature) : '—'),
      el('td', { class: 'wrap' }, el('b', {}, problem.message), problem.remedy && el('span', { class: 'sub' }, problem.remedy), problem.size_m2 !== null && el('span', { class: 'sub' }, say('{n} m²', { n: number(problem.size_m2, problem.size_m2 < 10 ? 1 : 0) }))),
      el('td', {}, where && go),
    );
  });
  const title = report.accepted ? say('Remarks: they do not stop the import') : say('Problems');
  return table(title, [['no', '#'], ['n', say('Feature')], ['', say('What is wrong, and the remedy')], ['', say('Place'), 'vh']], rows, report.problem_count);
}

/** @param {Report} report */
function defects(report) {
  if (!report.defects.length) return null;
  const kinds = /** @type {Record<string, string>} */ ({ overlap: say('Ground in two cells'), gap: say('Ground in no cell') });
  const rows = report.defects.slice(0, MOST_ROWS).map((defect) =>
    el('tr', {}, el('th', { scope: 'row' }, kinds[defect.kind] || defect.kind), el('td', { class: 'wrap' }, defect.cells.join(', ')), el('td', { class: 'n' }, number(defect.area_m2, defect.area_m2 < 10 ? 1 : 0))),
  );
  return table(say('Defects that would be listed'), [['', say('Defect')], ['', say('Cells')], ['n', 'm²']], rows, report.defects.length);
}

/** @param {Report} report */
function cellsTable(report) {
  const words = /** @type {Record<string, string>} */ ({ new: say('new'), changed: say('changed') });
  const wanted = report.cells.features.filter(({ properties }) => properties && properties.change in words);
  if (!wanted.length) return null;
  const rows = wanted.slice(0, MOST_ROWS).map(({ properties }) => {
    const cell = /** @type {Record<string, any>} */ (properties);
    const name = el('th', { scope: 'row' }, cell.name, el('span', { class: 'sub' }, cell.code));
    const area = el('td', { class: 'n' }, number(cell.area_m2 / HECTARE_M2, 1));
    return el('tr', { 'data-incoming': cell.code }, name, report.accepted && el('td', {}, words[cell.change]), area);
  });
  const change = report.accepted ? [['', say('Change')]] : [];
  const title = report.accepted ? say('Cells that would be new or changed') : say('Cells in the file');
  return table(title, [['', say('Cell')], ...change, ['n', say('ha')]], rows, wanted.length);
}

/** The first rows, so that a wrong encoding is seen. @param {Report} report */
function preview(report) {
  if (!report.preview.length) return null;
  const rows = report.preview.map((row) => el('tr', {}, ...report.fields.map((name) => el('td', {}, row[name] ?? ''))));
  const found = table(say('The first rows, as they were read'), report.fields.map((name) => ['', name]), rows, rows.length);
  found.classList.add('sideways');
  return found;
}

/** @param {string} title @param {string[][]} heads  Class, text, and `vh` for one that is only heard. @param {HTMLElement[]} rows @param {number} of */
function table(title, heads, rows, of) {
  return el(
    'section',
    { class: 'part' },
    el('h3', {}, title),
    el(
      'div',
      { class: 'sheet-of', tabindex: '0', role: 'region', 'aria-label': title },
      el(
        'table',
        { class: 'table tall' },
        el('thead', {}, el('tr', {}, ...heads.map(([kind, text, hidden]) => el('th', { scope: 'col', class: kind }, el('span', { class: hidden || '' }, text))))),
        el('tbody', {}, ...rows),
      ),
    ),
    of > rows.length && el('p', { class: 'small quiet after' }, say('{shown} of {of} are shown.', { shown: number(rows.length), of: number(of) })),
  );
}
