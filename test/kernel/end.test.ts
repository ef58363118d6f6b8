import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ROOT, type Spec, withKernel } from "../support/jupyter/index.js";
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

test("K8: process.exit() in a cell ends the kernel soon, with that exit code", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await kernel.execute("setInterval(() => {}, 1);");
    const started = performance.now();
    await expect(kernel.execute("process.exit(3)")).rejects.toThrow("exit code 3");
    expect(performance.now() - started).toBeLessThan(SOON);
    expect(await kernel.exited).toEqual({ code: 3, signal: null });
  });
});

/** What a learner's code can leave behind that once kept the kernel from ending. */
const LISTENERS: [what: string, code: string][] = [
  ["an exit listener that throws", 'process.on("exit", () => { throw new Error("not yet"); });'],
  [
    "exit listeners that throw, and one that loops",
    'process.prependListener("exit", () => { throw 1; }); process.on("exit", () => { for (;;) {} });',
  ],
  ["an exit listener that exits", 'process.on("exit", () => process.exit());'],
  [
    "a beforeExit listener that begins anew",
    'process.on("beforeExit", () => { setTimeout(() => {}, 1000); throw new Error("not yet"); });',
  ],
  [
    "SIGTERM listeners that throw and loop",
    'process.on("SIGTERM", () => { throw new Error("no"); }); process.on("SIGTERM", () => { for (;;) {} });',
  ],
  ["a SIGTERM listener that does nothing", 'process.on("SIGTERM", () => {});'],
  [
    "process.exit replaced",
    "process.exit = (() => {}) as never; process.reallyExit = (() => {}) as never;".replace(
      "process.reallyExit",
      "(process as any).reallyExit",
    ),
  ],
];

describe.each(["shutdown_request", "SIGTERM", "process.exit()"])("K14: %s ends a kernel soon that has", (how) => {
  test.each(LISTENERS.filter(([, code]) => how !== "process.exit()" || !code.includes("process.exit =")))(
    "%s",
    async (_, code) => {
      await withKernel({ spec: "ours" }, async (kernel) => {
        const cell = await kernel.execute(`${code} 0;`);
        expect(cell.errors).toEqual([]);
        const started = performance.now();
        if (how === "shutdown_request") {
          const { reply } = await kernel.shutdown();
          expect(reply?.content.status).toBe("ok");
        } else if (how === "SIGTERM") kernel.kill("SIGTERM");
        else kernel.submit("process.exit(3)");
        await kernel.exited;
        expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
      });
    },
  );
});

const isAlive = (pid: number): boolean => {
  try {
    // A child that has ended and that nobody has asked for yet is no process any more.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
};

test.each(["shutdown_request", "SIGTERM", "SIGKILL"])(
  "%s: a kernel with 200 waits and three other processes is gone soon, and so are they",
  async (how) => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cell =
        await kernel.execute(`import { socket, otherProcess, trace, AF_INET, SOCK_DGRAM, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
trace.off();
for (let i = 0; i < 200; i++) {
  const s = socket(\`s\${i}\`, AF_INET, i % 2 ? SOCK_STREAM : SOCK_DGRAM);
  s.bind(LOOPBACK, 0);
  if (i % 2) { s.listen(); s.accept(); } else s.recvfrom();
}
const pids: number[] = [];
for (const name of ["one", "two", "three"]) {
  const other = await otherProcess(name);
  const u = await other.socket(name + "'s", AF_INET, SOCK_DGRAM);
  await u.bind(LOOPBACK, 0);
  u.recvfrom();
  pids.push(u.pid);
}
console.log(pids.join());`);
      expect(cell.errors).toEqual([]);
      const pids = [kernel.pid, ...cell.stdout.split(",").map(Number)];
      expect(pids.map(isAlive)).toEqual([true, true, true, true]);
      const started = performance.now();
      if (how === "shutdown_request") await kernel.shutdown();
      else kernel.kill(how as NodeJS.Signals);
      await kernel.exited;
      while (pids.some(isAlive)) {
        expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
        await new Promise((wake) => setTimeout(wake, 10));
      }
    });
  },
);

const PARENT = "require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });";
const ENTER = `${ROOT}provisioner/socket_workshop_kernel/enter.py`;
const BUSY_CELL = "console.log(process.pid); for (;;) {}";
const BETWEEN: [what: string, code: string, transport: "tcp" | "ipc", between: string[]][] = [
  ["idle", "console.log(process.pid); await new Promise(() => {});", "tcp", []],
  ["busy", BUSY_CELL, "tcp", []],
  ["busy after an await", `await 0; ${BUSY_CELL}`, "tcp", []],
  [
    "with an exit listener that loops",
    'process.on("exit", () => { for (;;) {} }); console.log(process.pid);',
    "tcp",
    [],
  ],
  ["started through a shell, busy", BUSY_CELL, "tcp", ["sh", "-c", '"$@"; true', "sh"]],
  [
    "started through a shell in a shell",
    "console.log(process.pid);",
    "tcp",
    ["bash", "-c", '"$@"; true', "bash", "sh", "-ec", '"$@"; true', "sh"],
  ],
  ["in a network of its own, busy", BUSY_CELL, "ipc", ["python3", "-I", "-S", ENTER]],
];

test.each(BETWEEN)("a kernel whose parent is killed ends: %s", async (_, code, transport, between) => {
  const command = (own: string[]) => [process.execPath, "-e", PARENT, ...between, ...own];
  await withKernel({ spec: "ours", transport, command }, async (kernel) => {
    const cell = kernel.submit(code);
    await kernel.waitForOutput(() => cell.stdout !== "");
    const pid = Number(cell.stdout);
    const started = performance.now();
    try {
      expect(pid).not.toBe(kernel.pid);
      kernel.kill("SIGKILL");
      while (isAlive(pid)) {
        expect(performance.now() - started, "the kernel lives on").toBeLessThan(PATIENCE_MS);
        await new Promise((wake) => setTimeout(wake, 10));
      }
    } finally {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // Gone, as it must be.
    }
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
