import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";

let kernel: Kernel;
const busy: ChildProcess[] = [];
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  for (let i = 0; i < availableParallelism(); i++) busy.push(spawn(process.execPath, ["-e", "for (;;) {}"]));
});
afterAll(async () => {
  await Promise.all(
    busy.map((child) => {
      child.kill("SIGKILL");
      return once(child, "exit");
    }),
  );
  await kernel?.stop();
});

/*
 * Node takes its handler of SIGINT away before it runs the synchronous part of a cell, and after it: a signal that came then ended the
 * kernel. With the machine busy that was one of some hundred.
 */
test("three hundred interrupts a second while short cells run: the kernel lives, and answers", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const pid = Number((await kernel.execute("console.log(process.pid)")).stdout);
  let sent = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 3; i++, sent++) process.kill(pid, "SIGINT");
  }, 10);
  let ran = 0;
  try {
    while (sent < 900) {
      const cell = await kernel.execute("for (let i = 0; i < 1e5; i++); 0;");
      expect(["ok", "error", "aborted"]).toContain(cell.status);
      ran += 1;
    }
  } finally {
    clearInterval(timer);
  }
  expect(ran).toBeGreaterThan(0);
  // The last ones may still be on their way, and end a cell.
  let answer = await kernel.execute("1 + 1");
  while (answer.status !== "ok") answer = await kernel.execute("1 + 1");
  expect(answer.results).toEqual([{ "text/plain": "2" }]);
  // And an interrupt still ends a loop, and a wait.
  for (const code of ["console.log('here'); for (;;) {}", "console.log('here'); await new Promise(() => {});"]) {
    const cell = kernel.submit(code);
    await kernel.waitForOutput(() => cell.stdout !== "");
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    expect(cell.errors).toMatchObject([{ ename: "Interrupted" }]);
  }
});
