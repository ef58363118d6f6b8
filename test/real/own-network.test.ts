import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AF_INET, AF_INET6, LOOPBACK, LOOPBACK6, otherProcess, SOCK_STREAM, socket } from "kernel-helpers";
import { hasEnded } from "kernel-helpers/dist/inspection/index.js";
import { afterEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { run, startScript, wrapped } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { withoutNamespaces } from "../support/environments.js";
import { rejectionCode, rejectionOf } from "../support/outcome.js";
import { allUnderStrace, firstDifference } from "../support/strace.js";
import { temporaryOfTest } from "../support/temporary.js";

guardDescriptors();

const OWN = { network: "own" } as const;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function lab() {
  const process = await otherProcess("lab", OWN);
  stops.push(() => process.stop());
  return process;
}

describe("a process in a network of its own", () => {
  test("says so, and keeps its number", async () => {
    let pid = 0;
    const lines = await printed(async () => {
      pid = (await lab()).pid;
    });
    expect(lines).toEqual([
      `lab           started as process ${pid}, in a network of its own: from outside nobody can reach its ports`,
    ]);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/main\.js\0lab\0own\0$/);
  });

  test("reaches itself over 127.0.0.1 and ::1, and nobody reaches it", async () => {
    const own = await lab();
    for (const [family, address] of [
      [AF_INET, LOOPBACK],
      [AF_INET6, LOOPBACK6],
    ] as const) {
      const server = await own.socket("server", family, SOCK_STREAM);
      await server.bind(address, 0);
      await server.listen(5);
      const { port } = await server.getsockname();
      const client = await own.socket("client", family, SOCK_STREAM);
      await client.connect(address, port);
      const stranger = socket("stranger", family, SOCK_STREAM);
      expect(await rejectionCode(stranger.connect(address, port))).toBe("ECONNREFUSED");
      // The port is free here.
      const mine = socket("mine", family, SOCK_STREAM);
      mine.bind(address, port);
      mine.listen();
    }
  });

  test("has nothing but loopback in it", async () => {
    const outside = await (await lab()).socket("outside", AF_INET, SOCK_STREAM);
    expect(await rejectionCode(outside.connect("192.0.2.1", 80))).toBe("ENETUNREACH");
  });
});

test("the exact trace of such a process is what strace sees of it, from the first call that makes a socket", async () => {
  const seen = join(temporaryOfTest(), "seen");
  const script = `const { exactText } = require("kernel-helpers/dist/calls");
      const lab = await sockets.otherProcess("lab", { network: "own" });
      const server = await lab.socket("server", AF_INET, SOCK_STREAM);
      await server.bind(LOOPBACK, 0);
      await server.listen(5);
      const client = await lab.socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, (await server.getsockname()).port);
      const conversation = await server.accept();
      await sockets.loseSegments(conversation, 0.5);
      await client.send("hello");
      await conversation.recv();
      await sockets.loseSegments(conversation, 0);
      for (const handle of [client, conversation, server]) await handle.close();
      console.log(JSON.stringify([lab.pid, trace.records(lab.pid).map(exactText)]));
      await lab.stop();`;
  const [strace, ...args] = allUnderStrace([process.execPath, "-e", wrapped(script)], seen);
  const { stdout, stderr, code } = await run(strace!, args);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const [pid, lines] = JSON.parse(stdout) as [number, string[]];
  expect(lines.filter((line) => line.includes("_FILTER")).length).toBe(2);
  expect(firstDifference(readFileSync(`${seen}.${pid}`, "utf8").split("\n"), lines)).toBeUndefined();
});

test.each([
  ["", ""],
  [" while it stands still", 'await lab.kill("SIGSTOP");'],
])("it ends with the process that started it, also when that one is killed%s", async (_, stop) => {
  const child = startScript(`const lab = await sockets.otherProcess("lab", { network: "own" });
    ${stop}
    console.log(lab.pid);
    await new Promise(() => setInterval(() => {}, 1000));`);
  const pid = Number(await child.line());
  expect(hasEnded(pid)).toBe(false);
  child.process.kill("SIGKILL");
  await child.ended;
  await expect.poll(() => hasEnded(pid)).toBe(true);
});

describe("what is asked wrongly", () => {
  test.each([[{ network: "none" }], [{ network: 5 }], [null], ["own"]])("%j", async (options) => {
    const error = await rejectionOf(otherProcess("lab", options as never));
    if (options === "own") expect(error.message).toContain('for example { network: "own" }');
    expect(error).toBeInstanceOf(TypeError);
  });
});

describe("where it is not to be had", () => {
  const script = `const { attempt, otherProcess } = sockets;
    trace.short();
    const lab = await attempt(() => otherProcess("lab", { network: "own" }));
    console.log(lab.name, lab.code);
    await (await otherProcess("lab")).stop();`;

  test("the text has the system's own words, and what to do; without it the process starts", async () => {
    const [program, ...args] = withoutNamespaces().kernel.command([process.execPath, "-e", wrapped(script)]);
    const { stdout, stderr, code } = await run(program!, args);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const [said, error, name, started] = paragraphs(stdout.split("\n"));
    expect(said).toMatch(/^lab +unshare: unshare failed: No space left on device$/);
    expect(error).toContain(
      "this machine does not allow a network of one's own: unshare: unshare failed: No space left",
    );
    expect(error).toContain('Without it: otherProcess("lab").');
    expect(name).toBe("ProcessError ERR_OTHER_PROCESS");
    expect(started).toMatch(/^lab +started as process \d+$/);
  });

  test("without the program `unshare` the text names it", async () => {
    const { stdout, code } = await run(process.execPath, ["-e", wrapped(script)], { env: { PATH: "/nowhere" } });
    expect(code).toBe(0);
    expect(paragraphs(stdout.split("\n"))[0]).toContain(
      "the program `unshare` is not there (on Debian it is in the package",
    );
  });
});
