// Tables that can be put in another order by pressing a head. Without scripts they stay worst first.

/** @param {HTMLTableRowElement} row @param {number} column */
function figure(row, column) {
  const value = row.cells[column].dataset.value;
  return value === undefined || value === '' ? null : Number(value);
}

/** Rows without a figure stay last, whichever way. @param {HTMLTableElement} table @param {number} column @param {boolean} down */
function sort(table, column, down) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const sign = down ? -1 : 1;
  rows.sort((a, b) => {
    const [x, y] = [figure(a, column), figure(b, column)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
  body.append(...rows);
}

/** Put a newer copy of a table, which nobody has touched, in the order of the one that is shown.
 * @param {HTMLTableElement} newer @param {HTMLTableElement} shown */
export function sortedLike(newer, shown) {
  sortable(newer);
  const [heads, theirs] = [shown, newer].map((one) => [...(one.tHead?.rows[0].cells || [])]);
  const column = heads.findIndex((head) => head.hasAttribute('aria-sort'));
  if (column < 0 || !theirs[column] || shown.dataset.sorted !== 'yes') return;
  theirs.forEach((head) => head.removeAttribute('aria-sort'));
  const order = heads[column].getAttribute('aria-sort') || '';
  theirs[column].setAttribute('aria-sort', order);
  newer.dataset.sorted = 'yes';
  sort(newer, column, order === 'descending');
}

/** Make the heads of figures into buttons. @param {HTMLTableElement} table */
export function sortable(table) {
  const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
  heads.forEach((head, column) => {
    if (!head.classList.contains('n')) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      table.dataset.sorted = 'yes';
      sort(table, column, down);
    });
  });
}
