/**
 * @typedef {object} Finding one line of `npm run check`
 * @property {"✓" | "–" | "✗"} sign there, missing but not needed everywhere, missing
 * @property {string} text for what is missing also the remedy
 */

/** @param {string} text @returns {Finding} */
export const there = (text) => ({ sign: "✓", text });

/** @param {string} text @returns {Finding} */
export const missing = (text) => ({ sign: "✗", text });

/** Something that only a part of the workshop needs is missing. @param {string} text @returns {Finding} */
export const lacking = (text) => ({ sign: "–", text });
