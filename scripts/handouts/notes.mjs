import { textOf } from "../lib/project.mjs";

/** What the notes of a part can say, in this order. */
export const LABELS = ["Say", "They ask", "Goes wrong"];

/**
 * The instructor's notes of one notebook: a file of markdown in `instructor/` with the headings of the notebook, and below each
 * what to say, what is asked and what goes wrong.
 * @param {string} path
 * @returns {Record<string, string>} by heading
 */
export function readNotes(path) {
  /** @type {Record<string, string>} */
  const notes = {};
  for (const part of (textOf(path) ?? "").split(/^(?=#{1,3} )/m)) {
    const [, heading, text = ""] = /^#{1,3} (.+?)\s*\n([\s\S]*)$/.exec(part) ?? [];
    if (heading !== undefined) notes[heading] = text.trim();
  }
  return notes;
}

/**
 * The notes with the minutes of their part at the front, as they stand in the instructor's edition.
 * @param {Record<string, string>} notes
 * @param {import("./minutes.mjs").Part[]} parts
 */
export function withMinutes(notes, parts) {
  const minutes = new Map(parts.map((part) => [part.heading, part.minutes]));
  return Object.fromEntries(
    Object.entries(notes).map(([heading, text]) => {
      const own = minutes.get(heading);
      if (own === undefined) return [heading, text];
      return [heading, `**About ${Math.max(1, Math.round(own))} min.**\n\n${text}`];
    }),
  );
}
