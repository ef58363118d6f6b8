import { textOf } from "./project.mjs";

/**
 * @typedef {object} Report the part of vitest's JSON report that counts
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests skipped
 * @property {number} numTodoTests
 * @property {Array<{ status: string, assertionResults: Array<{ status: string }> }>} testResults one a file
 */

/** Files that failed without a failed test: those that could not be loaded. @param {Report} report */
const brokenFiles = ({ testResults }) =>
  testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );

/**
 * Adds up vitest's JSON reports: "N passed, N failed", with ", N skipped" if any were.
 * @param {string[]} paths of the reports; those that are not there count nothing
 */
export function tally(paths) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const text of paths.map(textOf)) {
    if (text === undefined) continue;
    const report = /** @type {Report} */ (JSON.parse(text));
    totals.passed += report.numPassedTests;
    totals.failed += report.numFailedTests + brokenFiles(report).length;
    totals.skipped += report.numPendingTests + report.numTodoTests;
  }
  const { passed, failed, skipped } = totals;
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}
