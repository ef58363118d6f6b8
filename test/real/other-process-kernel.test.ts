import { readdirSync, readlinkSync } from "node:fs";
import { hasEnded } from "kernel-helpers/dist/inspection/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, type Spec, startKernel, withKernel } from "../support/jupyter/index.js";
import { descendants } from "../support/processes.js";
import { PATIENCE_MS, SOON } from "../support/time.js";

const CELLS = [
  'import { attempt, choosePort, closeAll, handles, otherProcess, socket, sockets, trace } from "kernel-helpers";\n' +
    'import { AF_INET, SOCK_DGRAM, SOCK_STREAM, LOOPBACK } from "kernel-helpers";\nconst PORT = choosePort();',
  'const rival = await otherProcess("rival");',
  'const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);',
  "await taken.bind(LOOPBACK, PORT);",
  "await taken.listen(5);",
  'const mine = socket("mine", AF_INET, SOCK_STREAM);',
  "await attempt(() => mine.bind(LOOPBACK, PORT));",
  "await mine.connect(LOOPBACK, PORT);",
  "const conversation = await taken.accept();",
  'await mine.send("hello");',
  "console.log(String(await conversation.recv(3)));",
];

async function run(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  expect(cell.status, `${code}\n${cell.stdout}\n${cell.stderr}${cell.errors.map((error) => error.traceback)}`).toBe(
    "ok",
  );
  expect(cell.stderr).toBe("");
  return cell.stdout;
}

const rivalOf = (kernel: Kernel): number[] =>
  descendants(kernel.pid)
    .filter(({ command }) => command.includes("processes/inside/main.js"))
    .map(({ pid }) => pid);

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return "";
      }
    })
    .filter((target) => target.startsWith("socket:"));
}

/** The stock kernel aborts what comes within 200 ms of a failed cell. */
async function answered(kernel: Kernel, code: string): Promise<string> {
  const giveUp = performance.now() + PATIENCE_MS;
  for (;;) {
    const cell = await kernel.execute(code);
    if (cell.status === "ok") return cell.stdout;
    if (!cell.status?.startsWith("abort") || performance.now() > giveUp)
      throw new Error(`${cell.status} ${cell.stderr}`);
  }
}

describe.each<Spec>(["ours", "stock"])("another process in a kernel (%s)", (spec) => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startKernel({ spec });
  });
  afterAll(() => kernel?.stop());

  /** Ends the other process of the test before: this one's is another. */
  async function anew(): Promise<void> {
    await run(kernel, "await rival.kill(); closeAll();");
    await expect.poll(() => rivalOf(kernel)).toEqual([]);
  }

  test("every cell, every cell again at once, and all of them again", async () => {
    const first: string[] = [];
    for (const code of CELLS) first.push(await run(kernel, code));
    const [pid] = rivalOf(kernel);
    expect(first[1]).toBe(`rival         started as process ${pid}\n`);
    expect(first[2]).toMatch(/^taken {9}socket\(AF_INET, SOCK_STREAM\) = \d+\n$/);
    expect(first[6]).toMatch(/EADDRINUSE[\s\S]*"taken", a handle of\s+your other\s+process\s+"rival"/);
    expect(first[10]).toMatch(/recv\(\d+, "hel", 3\) = 3\nhel\n$/);
    for (const code of CELLS) {
      await run(kernel, code);
      const again = await run(kernel, code);
      if (code.startsWith("await taken.bind")) expect(again).toMatch(/EINVAL[\s\S]*You ran this cell before/);
      if (code.startsWith("const conversation")) expect(again).toMatch(/EAGAIN[\s\S]*"taken→1" stays/);
    }
    for (const code of CELLS) await run(kernel, code);
    expect(rivalOf(kernel)).toHaveLength(1);
  });

  test("it has none of the kernel's sockets", async () => {
    await anew();
    for (const code of CELLS) await run(kernel, code);
    const kernels = new Set(socketsOf(kernel.pid));
    expect(kernels.size).toBeGreaterThan(5);
    expect(socketsOf(rivalOf(kernel)[0]!).filter((target) => kernels.has(target))).toEqual([]);
  });

  test("an interrupt ends the cell that waits for it, leaves it running, and loses nothing", async () => {
    await anew();
    for (const code of CELLS.slice(0, 9)) await run(kernel, code);
    const cell = kernel.submit("const data = await conversation.recv(1024);");
    await kernel.waitForOutput((message) => String(message.content.text).includes("waits for data"));
    const [pid] = rivalOf(kernel);
    const asked = performance.now();
    // As a terminal and Jupyter send it: to the whole group.
    process.kill(pid!, "SIGINT");
    kernel.interrupt();
    await kernel.finish(cell);
    expect(performance.now() - asked).toBeLessThan(SOON);
    expect(cell.status).toBe("error");
    await answered(kernel, 'await mine.send("after");');
    expect(await run(kernel, "console.log(String(await conversation.recv(1024)));")).toContain("after\n");
    expect(rivalOf(kernel)).toEqual([pid]);
  });

  test("a call that waits in the background belongs to no later cell", async () => {
    await anew();
    for (const code of CELLS.slice(0, 5)) await run(kernel, code);
    expect(await run(kernel, "const waiting = taken.accept(); await taken.getsockname();")).toContain(
      "waits for a client",
    );
    expect(await run(kernel, 'console.log("not frozen");')).toBe("not frozen\n");
    await run(kernel, CELLS[5]!);
    await run(kernel, CELLS[7]!);
    expect(await run(kernel, "console.log((await waiting).name);")).toContain("taken→1\n");
  });

  test.each(["shutdown", "SIGKILL", "SIGKILL while it stands still"])("it ends with the kernel: %s", async (how) => {
    await withKernel({ spec }, async (kernel) => {
      for (const code of CELLS.slice(0, 5)) await run(kernel, code);
      await run(kernel, "const waiting = taken.accept();");
      const [pid] = rivalOf(kernel);
      if (how === "shutdown") {
        const exit = await kernel.shutdown();
        expect(exit).toMatchObject({ code: 0 });
        expect(exit.ms).toBeLessThan(SOON);
      } else {
        if (how !== "SIGKILL") await run(kernel, 'await rival.kill("SIGSTOP");');
        kernel.kill("SIGKILL");
        await kernel.exited;
      }
      await expect.poll(() => hasEnded(pid!)).toBe(true);
    });
  });
});
