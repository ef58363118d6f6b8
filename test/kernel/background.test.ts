import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* What goes on after its cell has ended waits as long as it takes; what a running cell awaits is told after 10 s what is missing. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

async function run(code: string) {
  const cell = await kernel.execute(code);
  expect(cell.errors).toEqual([]);
  return cell;
}

test("a wait has a deadline while the cell that awaits it runs, and none in the background", async () => {
  await run(`
    import { socket, otherProcess, choosePort, trace, LOOPBACK, AF_INET, SOCK_STREAM, SOCK_DGRAM } from "kernel-helpers";
    trace.off();
    const died: string[] = [];
    const listening = (name: string) => {
      const server = socket(name, AF_INET, SOCK_STREAM);
      server.bind(LOOPBACK, 0);
      server.listen(5);
      return server;
    };
    const waitFor = (server: { accept(): Promise<unknown> }) => server.accept();
    const rival = await otherProcess("rival");
    const listeningThere = async (name: string) => {
      const server = await rival.socket(name, AF_INET, SOCK_STREAM);
      await server.bind(LOOPBACK, 0);
      await server.listen(5);
      return server;
    };
    const [quiet, there, quietThere] = [listening("quiet"), await listeningThere("there"), await listeningThere("quiet there")];`);
  // Everything here goes on after its cell.
  await run(`
    const looping = listening("looping");
    const serve = async () => { for (;;) (await looping.accept()).close(); };
    serve().catch((error) => died.push("looping " + error));
    const inbox = socket("inbox", AF_INET, SOCK_DGRAM);
    inbox.bind(LOOPBACK, 0);
    const read = async () => { for (;;) await inbox.recvfrom(); };
    read().catch((error) => died.push("inbox " + error));
    const timed = listening("timed");
    setTimeout(() => waitFor(timed).catch((error) => died.push("timed " + error)), 1);
    const serveThere = async () => { for (;;) await (await there.accept()).close(); };
    serveThere().catch((error) => died.push("there " + error));
    const followed = listening("followed");
    const waiting = followed.accept();
    waiting.then(() => {}, (error) => died.push("followed " + error));`);
  // And these are of the cell that runs: called through a function of an earlier cell, begun there, followed there before.
  const foreground = await run(`
    const began = performance.now();
    const outcomes = await Promise.allSettled([waitFor(quiet), waitFor(quietThere), waiting]);
    const names = outcomes.map((outcome) => outcome.status === "rejected" ? outcome.reason.name + " " + outcome.reason.happened : "done");
    console.log(JSON.stringify({ names, took: performance.now() - began, died: died }));`);
  const { names, took, died } = JSON.parse(foreground.stdout);
  expect(names).toEqual([
    expect.stringMatching(/^TimeoutError waited 10 s and no client has connected to/),
    expect.stringMatching(/^TimeoutError waited 10 s and no client has connected to/),
    expect.stringMatching(/^TimeoutError waited 10 s and no client has connected to/),
  ]);
  expect(took).toBeGreaterThan(9_990);
  // That one was awaited by both cells.
  expect(died).toEqual([expect.stringContaining("followed TimeoutError")]);
  const after = await run(`
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const reached: boolean[] = [];
    for (const port of [looping.getsockname().port, timed.getsockname().port, (await there.getsockname()).port]) {
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, port);
      reached.push((await client.recv(1, 0, { timeout: 3000 }).catch(() => "waits")).length !== 1);
      client.close();
    }
    console.log(JSON.stringify({ died: died, reached: reached }));
    await rival.stop();`);
  expect(JSON.parse(after.stdout).died).toHaveLength(1);
  expect(JSON.parse(after.stdout).reached).toEqual([true, true, true]);
});
