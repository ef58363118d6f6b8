import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { PATIENCE_MS } from "../support/time.js";

const MB = 1024;

/** What a process has in memory, its share of what it shares, in kilobytes. Nobody asks the kernel for it: it is to be left alone. */
const memory = ({ pid }: Kernel) =>
  Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);

test("what a cell has left is given back when the kernel is left alone, and the next cell runs", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await kernel.execute("let list = Array.from({ length: 1_000_000 }, (_, i) => ({ i, text: [i] }));");
    await kernel.execute("list = [];");
    const before = memory(kernel);
    await expect.poll(() => memory(kernel), { timeout: PATIENCE_MS, interval: 500 }).toBeLessThan(before - 50 * MB);
    expect((await kernel.execute("1 + 1")).results[0]).toEqual({ "text/plain": "2" });
  });
});
