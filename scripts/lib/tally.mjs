import { readFileSync } from "node:fs";

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
 * Sums up vitest's JSON report: "N passed, N failed", with ", N skipped" if any were.
 * @param {string} path of the report
 */
export function tally(path) {
  const report = /** @type {Report} */ (JSON.parse(readFileSync(path, "utf8")));
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles(report).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}
