import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * A new empty folder of one test; removed when the test is over.
 *
 * @param whenFinished a test that runs beside others gives its own `onTestFinished`
 */
export function temporaryOfTest(whenFinished: typeof onTestFinished = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "workshop-test-"));
  whenFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
