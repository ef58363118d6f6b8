import { expect, test } from "vitest";
import { type Spec, withKernel } from "../support/jupyter/index.js";
import { PATIENCE_MS, SOON } from "../support/time.js";

// What keeps a Node process alive: handles, timers, a thread, and a cell that waits.
const BUSY = `
  import { createServer, connect } from "node:net";
  import { Worker } from "node:worker_threads";
  setInterval(() => {}, 1);
  new Worker("for (;;) {}", { eval: true });
  const server = createServer((peer) => peer.resume()).listen(0, "127.0.0.1", () => {
    connect((server.address() as { port: number }).port, "127.0.0.1").on("connect", () => console.log("busy"));
  });`;

test.each([false, true])("shutdown_request with restart %s ends a busy kernel soon, exit code 0", async (restart) => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await kernel.execute(BUSY);
    await kernel.waitForOutput((message) => message.content.text === "busy\n");
    const waiting = kernel.submit("process.exitCode = 7; console.log('waiting'); await new Promise(() => {});");
    await kernel.waitForOutput(() => waiting.stdout !== "");
    const end = await kernel.shutdown({ restart });
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.reply).toMatchObject({ header: { msg_type: "shutdown_reply" }, content: { status: "ok", restart } });
    expect(end.ms).toBeLessThan(SOON);
  });
});

test("process.exit() in a cell ends the kernel soon, with that exit code", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await kernel.execute("setInterval(() => {}, 1);");
    const started = performance.now();
    await expect(kernel.execute("process.exit(3)")).rejects.toThrow("exit code 3");
    expect(performance.now() - started).toBeLessThan(SOON);
    expect(await kernel.exited).toEqual({ code: 3, signal: null });
  });
});

test.each<Spec>(["ours", "stock"])("a kernel (%s) whose parent is killed ends", async (spec) => {
  const parent = "require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });";
  const command = (own: string[]) => [process.execPath, "-e", parent, ...own];
  await withKernel({ spec, command }, async (kernel) => {
    const pid = Number((await kernel.execute("console.log(process.pid)")).stdout);
    expect(pid).not.toBe(kernel.pid);
    try {
      kernel.kill("SIGKILL");
      // The kernel holds its parent's stdout and stderr: they close when the kernel is gone.
      const limit = new Promise((_, reject) =>
        setTimeout(() => reject(new Error("the kernel lives on")), PATIENCE_MS).unref(),
      );
      await Promise.race([kernel.process.closed, limit]);
    } finally {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // Gone, as it must be.
    }
  });
});

test("a launcher that cannot start says so and fails", async () => {
  const command = (own: string[]) => own.slice(0, -1);
  await expect(withKernel({ spec: "ours", command }, async () => {})).rejects.toThrow(
    /exit code 1.*usage: node launcher\.js <Jupyter connection file>/s,
  );
});
