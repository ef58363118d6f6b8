import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { firstDifference, underStrace } from "../support/strace.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "workshop-strace-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes the whole record in strace's words to a file: a cell's output would be calls of its own. */
function writeRecord(path: string): string {
  return [
    `const { exactText } = require("kernel-helpers/dist/trace");`,
    `const lines = require("kernel-helpers").trace.records(process.pid).map(exactText);`,
    `require("fs").writeFileSync(${JSON.stringify(path)}, lines.join("\\n"));`,
  ].join("\n");
}

describe("the exact trace is what strace sees", () => {
  test.each(notebookNames())(
    "%s, every call of it",
    async (name) => {
      const seen = join(directory, "seen");
      const record = join(directory, "record");
      await withKernel({ spec: "ours", command: (command) => underStrace(command, seen) }, async (kernel) => {
        for (const cell of readNotebook(name).code) {
          expect((await kernel.execute(cell.source)).status, cell.source).toBe("ok");
        }
        expect((await kernel.execute(writeRecord(record))).status).toBe("ok");
      });
      const recorded = readFileSync(record, "utf8").split("\n");
      expect(recorded.length).toBeGreaterThan(5);
      expect(firstDifference(readFileSync(seen, "utf8").split("\n"), recorded)).toBeUndefined();
    },
    90_000,
  );
});
