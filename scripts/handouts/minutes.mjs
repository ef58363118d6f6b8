import { readFileSync } from "node:fs";

/**
 * @typedef {object} Cell a cell of a notebook file
 * @property {string} cell_type
 * @property {string[] | string} source
 * @typedef {{ heading: string, minutes: number }} Part
 */

const WORDS_PER_MINUTE = 200;
const MINUTES_PER_CODE_CELL = 20 / 60;
const MINUTES_PER_PREDICTION = 30 / 60;

/** @param {Cell} cell */
export const sourceOf = ({ source }) => (Array.isArray(source) ? source.join("") : source);

/** Words that somebody reads: what stands in code blocks is looked at, and a sign alone is no word. @param {string} text */
const words = (text) =>
  text
    .replace(/```[\s\S]*?```/g, "")
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;

/** An exercise says itself how long it takes: "*About 10 minutes.*" below its heading. @param {string} text */
function exercise(text) {
  const said = /^## Exercise\b[\s\S]*?\*About (\d+) minutes/m.exec(text);
  return said ? Number(said[1]) : 0;
}

/**
 * The minutes that cells take: reading, running and looking, predicting, and the exercises.
 * @param {readonly Cell[]} cells
 */
export function minutesOf(cells) {
  let minutes = 0;
  for (const cell of cells) {
    const text = sourceOf(cell);
    if (cell.cell_type === "code") minutes += MINUTES_PER_CODE_CELL;
    else {
      minutes += words(text) / WORDS_PER_MINUTE + exercise(text);
      minutes += (text.match(/\bPredict:/g) ?? []).length * MINUTES_PER_PREDICTION;
    }
  }
  return minutes;
}

/**
 * The parts of a notebook, each from a heading of the first or second level to the next one.
 * @param {readonly Cell[]} cells
 * @returns {Part[]}
 */
export function partsOf(cells) {
  /** @type {Array<{ heading: string, cells: Cell[] }>} */
  const parts = [];
  for (const cell of cells) {
    for (const piece of cell.cell_type === "markdown" ? sourceOf(cell).split(/^(?=##? )/m) : [sourceOf(cell)]) {
      const heading =
        cell.cell_type === "markdown" ? /^##? (.+?)\s*$/m.exec(/^##? /.test(piece) ? piece : "")?.[1] : undefined;
      if (heading !== undefined) parts.push({ heading, cells: [] });
      parts.at(-1)?.cells.push({ ...cell, source: piece });
    }
  }
  return parts.map(({ heading, cells: own }) => ({ heading, minutes: minutesOf(own) }));
}

/** The nearest five minutes. @param {number} minutes */
const toFive = (minutes) => Math.max(5, Math.round(minutes / 5) * 5);

/**
 * The minutes that a notebook says of itself below its title, so that no other page says others; of one that says none, those of the
 * formula.
 * @param {readonly Cell[]} cells
 */
export function minutesSaid(cells) {
  const said = /\*About (\d+) minutes/.exec(cells[0] ? sourceOf(cells[0]) : "")?.[1];
  return said === undefined ? toFive(minutesOf(cells)) : Number(said);
}

/** @param {string} path of a notebook @returns {Cell[]} */
export const cellsOf = (path) => JSON.parse(readFileSync(path, "utf8")).cells;
