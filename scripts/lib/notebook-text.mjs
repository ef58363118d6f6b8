// What of a notebook somebody has written, and what a run has left in it.

/**
 * @typedef {{ id?: string, cell_type: string, source: string | string[], outputs?: unknown[],
 *   execution_count?: number | null, metadata?: Record<string, unknown> }} Cell
 * @typedef {{ cells: Cell[], metadata: object }} Notebook
 */

// What JupyterLab 4.6 and others write into a cell's metadata when a learner runs it, or folds something.
const LEFT_BY_A_RUN = ["ExecuteTime", "collapsed", "execution", "heading_collapsed", "scrolled", "trusted"];

/** As Jupyter keeps it: a list of lines, each with its end. @param {string | string[]} source */
const linesOf = (source) => (typeof source === "string" ? source : source.join("")).match(/[^\n]*\n|[^\n]+/g) ?? [];

/** @param {Record<string, unknown>} metadata */
function cleanedMetadata(metadata) {
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !LEFT_BY_A_RUN.includes(key)));
  const { outputs_hidden: _, ...jupyter } = /** @type {Record<string, unknown>} */ (kept.jupyter ?? {});
  // The workshop ships every solution folded; JupyterLab forgets it when a learner opens one.
  const tags = /** @type {unknown} */ (kept.tags);
  if (Array.isArray(tags) && tags.includes("solution")) jupyter.source_hidden = true;
  if (Object.keys(jupyter).length > 0) kept.jupyter = jupyter;
  else delete kept.jupyter;
  return kept;
}

/** @param {Cell} cell @returns {Cell} */
function cleanedCell(cell) {
  const written = { ...cell, source: linesOf(cell.source), metadata: cleanedMetadata(cell.metadata ?? {}) };
  return cell.cell_type === "code" ? { ...written, execution_count: null, outputs: [] } : written;
}

/** Puts the keys of every object in the order that Jupyter writes. @param {string} _key @param {unknown} value */
function inOrder(_key, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The cells of a notebook.
 * @param {string} text of the file
 * @returns {Cell[]}
 */
export const cellsOf = (text) => /** @type {Notebook} */ (JSON.parse(text)).cells.map(cleanedCell);

/**
 * Whether a run has left something in a notebook that one sees.
 * @param {string} text of the file
 */
export const wasRun = (text) =>
  /** @type {Notebook} */ (JSON.parse(text)).cells.some((cell) => cell.execution_count || cell.outputs?.length);

/**
 * The text of a notebook file without what a run has left in it, in the form in which Jupyter writes it (one space,
 * sorted keys): of two notebooks in which the same is written it is the same. Ids of cells, tags and the rest stay.
 * @param {string} text
 * @returns {string} throws when the text is no notebook
 */
export function cleaned(text) {
  const notebook = /** @type {Notebook} */ (JSON.parse(text));
  return `${JSON.stringify({ ...notebook, cells: notebook.cells.map(cleanedCell) }, inOrder, 1)}\n`;
}
