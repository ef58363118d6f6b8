import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

const WAIT = "setTimeout(() => console.log('waiting'), 0); await new Promise(() => {});";
const LOOP = "console.log('looping'); for (;;) {}";
const INTERRUPTED = { ename: "Interrupted", evalue: "The cell was interrupted." };

/** Runs code until it has printed this, or anything, then interrupts it; the cell must end soon. */
async function interrupted(code: string, interrupt: () => unknown, printed = "") {
  const cell = kernel.submit(code);
  await kernel.waitForOutput(() => cell.stdout !== "" && cell.stdout.includes(printed));
  await interrupt();
  await kernel.finish(cell, SOON);
  return cell;
}

test.each([
  ["a cell that waits", WAIT],
  ["a loop that never awaits", LOOP],
  ["a loop before the first await", `${LOOP} await 0;`],
])("K2: the interrupt button ends %s, and the next cell works", async (_, code) => {
  const cell = await interrupted(code, () => kernel.interrupt());
  expect(cell.errors).toMatchObject([INTERRUPTED]);
  expect(cell.stderr).toBe("");
  expect((await kernel.execute("1 + 1")).results).toEqual([{ "text/plain": "2" }]);
});

test("interrupt_request on the control channel does the same, and code hears the signal", async () => {
  const listen = "process.once('SIGINT', () => console.log('heard'));";
  const cell = await interrupted(`${listen} ${WAIT}`, async () => {
    const reply = await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(reply).toMatchObject({ header: { msg_type: "interrupt_reply" }, content: { status: "ok" } });
  });
  expect(cell.errors).toMatchObject([INTERRUPTED]);
  expect(cell.stdout).toBe("waiting\nheard\n");
});

test("cells behind the interrupted one are aborted", async () => {
  const cell = kernel.submit(WAIT);
  const behind = kernel.submit("console.log('must not run')");
  await kernel.waitForOutput(() => cell.stdout !== "");
  kernel.interrupt();
  await kernel.finish(behind, SOON);
  expect([cell.status, behind.status]).toEqual(["error", "aborted"]);
});

test("K5: an interrupt with nothing running does nothing", async () => {
  const heard = await kernel.execute("process.once('SIGINT', () => console.log('idle interrupt')); 0;");
  kernel.interrupt();
  await kernel.waitForOutput(() => heard.stdout !== "");
  expect(heard.stdout).toBe("idle interrupt\n");
  const next = await kernel.execute("await Promise.resolve('works')");
  expect(next.results).toEqual([{ "text/plain": "'works'" }]);
});

test("a cell whose own code listens to SIGINT can be interrupted by the signal", async () => {
  const cell = await interrupted(`process.on('SIGINT', () => {}); ${WAIT}`, () => kernel.interrupt());
  expect(cell.errors).toMatchObject([INTERRUPTED]);
});

test("timers and promises of an interrupted cell do not disturb later cells", async () => {
  const cell = await interrupted(
    "let fail: (e: Error) => void = () => {}; const wait = new Promise((_, reject) => { fail = reject });\n" +
      "setTimeout(() => console.log('waiting'), 0); await wait;",
    () => kernel.interrupt(),
  );
  expect(cell.errors).toMatchObject([INTERRUPTED]);
  const next = await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 20));");
  expect(next.status).toBe("ok");
  expect(next.stderr).toBe("");
});

test("an interrupt ends every(), which does nothing more", async () => {
  await kernel.execute("globalThis.done = 0;");
  const code = 'import { every } from "kernel-helpers";\nawait every(20, 1000, () => console.log(globalThis.done++));';
  const cell = await interrupted(code, () => kernel.interrupt());
  expect(cell.status).toBe("error");
  const before = await kernel.execute("globalThis.done");
  const after = await kernel.execute("await new Promise((wake) => setTimeout(wake, 60));\nglobalThis.done");
  expect(after.results).toEqual(before.results);
});

test.each([
  ["its synchronous part", "for (;;) {}"],
  ["an await", "await new Promise(() => {});"],
])(
  "what a cell has left waiting ends when an interrupt ends it in %s, and its own listeners hear it",
  async (_, end) => {
    await kernel.execute(`import { socket, closeAll, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
    const box = socket("box", AF_INET, SOCK_DGRAM);
    box.bind(LOOPBACK, 0);
    const older = box.recv();`);
    const cell = await interrupted(
      `process.once("SIGINT", () => console.log("heard"));
    const newer = box.recv(7).catch((error) => console.log(error.name));
    console.log("waits"); ${end}`,
      () => kernel.interrupt(),
    );
    expect(cell.errors).toMatchObject([INTERRUPTED]);
    await kernel.waitForOutput(() => cell.stdout.includes("InterruptedError"));
    expect(cell.stdout).toContain("heard\n");
    // What an earlier cell has left waiting goes on.
    const next = await kernel.execute(
      `await box.sendto("taken", LOOPBACK, box.getsockname().port); String(await older)`,
    );
    expect(next.results).toEqual([{ "text/plain": "'taken'" }]);
    await kernel.execute("closeAll();");
  },
);
