import { describe, expect, test } from "vitest";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { median, report, timed } from "../support/measure.js";

const IMPORT =
  'import { socket, choosePort, closeAll, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";\nconst PORT = choosePort();';

/** The first cell costs the compiler its own start; it is not what is measured. */
async function warm(kernel: Kernel): Promise<void> {
  for (let i = 0; i < 10; i++) await kernel.execute("1+1");
}

async function cell(kernel: Kernel, code: string): Promise<number> {
  return timed(async () => {
    const done = await kernel.execute(code);
    expect(done.status, done.errors.map((error) => error.evalue).join()).toBe("ok");
  });
}

describe("cells", () => {
  test("the import of kernel-helpers takes at most 150 ms in a kernel that runs", async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      await withKernel({ spec: "ours" }, async (kernel) => {
        await warm(kernel);
        times.push(await cell(kernel, IMPORT));
      });
    }
    report("import of kernel-helpers, ms", { median: median(times), slowest: Math.max(...times) });
    expect(median(times)).toBeLessThanOrEqual(150);
  });

  test("a step cell takes at most 1.5 times as long as 1+1 in the same kernel", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      await kernel.execute(IMPORT);
      await kernel.execute('const server = socket("server", AF_INET, SOCK_STREAM);\nserver.bind(LOOPBACK, PORT);');
      await warm(kernel);
      const bare: number[] = [];
      const step: number[] = [];
      for (let i = 0; i < 60; i++) {
        bare.push(await cell(kernel, "1+1"));
        step.push(await cell(kernel, "server.listen(5);"));
      }
      report("cell, ms", { bare: median(bare), step: median(step), ratio: median(step) / median(bare) });
      expect(median(step) / median(bare)).toBeLessThanOrEqual(1.5);
    });
  });

  test("our kernel is ready no later than the stock one, and its cells are as fast", async () => {
    const ready = { ours: [] as number[], stock: [] as number[] };
    const cells = { ours: [] as number[], stock: [] as number[] };
    for (let i = 0; i < 7; i++) {
      for (const spec of ["ours", "stock"] as const) {
        await withKernel({ spec }, async (kernel) => {
          ready[spec].push(kernel.readyMs);
          await warm(kernel);
          for (let n = 0; n < 20; n++) cells[spec].push(await cell(kernel, "1+1"));
        });
      }
    }
    const readyRatio = median(ready.ours) / median(ready.stock);
    const cellRatio = median(cells.ours) / median(cells.stock);
    report("kernel ready, ms", { ours: median(ready.ours), stock: median(ready.stock), ratio: readyRatio });
    report("cell 1+1, ms", { ours: median(cells.ours), stock: median(cells.stock), ratio: cellRatio });
    // One part in ten is what two runs of the same kernel differ by on a busy machine.
    expect(readyRatio).toBeLessThanOrEqual(1.1);
    expect(cellRatio).toBeLessThanOrEqual(1.1);
  });
});
