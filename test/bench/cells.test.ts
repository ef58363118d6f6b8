import { test } from "vitest";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { cell } from "./kernel/life.js";
import { OURS } from "./kernel/peers.js";
import { compared, put } from "./measure/figures.js";

const CELLS = 60;

/** The first cells cost the compiler its own start; they are not what is measured. */
async function warm(kernel: Kernel): Promise<void> {
  for (let i = 0; i < 10; i++) await cell(kernel, "1+1");
}

test("a cell with one call, and 1+1 in the same kernel", async ({ task }) => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await cell(kernel, OURS.imports);
    await cell(kernel, 'const server = socket("server", AF_INET, SOCK_STREAM);\nserver.bind(LOOPBACK, PORT);');
    await warm(kernel);
    const bare: number[] = [];
    const step: number[] = [];
    for (let i = 0; i < CELLS; i++) {
      bare.push(await cell(kernel, "1+1"));
      step.push(await cell(kernel, "server.listen(5);"));
    }
    put(task, [compared("cell with one call", "ms", step, ["1+1", bare], { atMost: 1.5 })]);
  });
});
