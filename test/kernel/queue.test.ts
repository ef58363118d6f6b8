import { expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";

test("K11: 100 cells submitted at once run in order, each with its reply", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    const cells = Array.from({ length: 100 }, (_, i) =>
      kernel.submit(i % 3 === 0 ? `await new Promise((resolve) => setTimeout(resolve, 1)); ${i}` : `${i}`),
    );
    for (const cell of cells) await kernel.finish(cell);
    expect(cells.map((cell) => cell.status)).toEqual(cells.map(() => "ok"));
    expect(cells.map((cell) => cell.executionCount)).toEqual(cells.map((_, i) => i + 1));
    expect(cells.map((cell) => cell.results[0]?.["text/plain"])).toEqual(cells.map((_, i) => `${i}`));
    // No cell is busy before the one before it is idle.
    const ids = cells.map((cell) => cell.id);
    const order = kernel.iopub.map((message) => ids.indexOf(message.parent_header.msg_id ?? "")).filter((i) => i >= 0);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

test("a failing cell aborts those behind it, and nothing that is sent after its reply", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    const codes = ["1", "throw new Error('stop')", "console.log('must not run')", "await (3)", "4"];
    const cells = codes.map((code) => kernel.submit(code));
    await kernel.finish(cells[1]!);
    const next = await kernel.execute("console.log('runs')");
    expect(cells.map((cell) => cell.status)).toEqual(["ok", "error", "aborted", "aborted", "aborted"]);
    expect(cells.slice(2).map((cell) => cell.sequence)).toEqual(cells.slice(2).map(() => ["busy", "idle"]));
    expect(next.stdout).toBe("runs\n");
    expect(next.executionCount).toBe(3);
  });
});

test("without stop_on_error the queue goes on", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    const cells = ["throw 1", "const wrong: number = ''", "'runs'"].map((code) =>
      kernel.submit(code, { stopOnError: false }),
    );
    for (const cell of cells) await kernel.finish(cell);
    expect(cells.map((cell) => cell.status)).toEqual(["error", "error", "ok"]);
  });
});
