import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel, withKernel } from "../support/jupyter/index.js";
import { PATIENCE_MS, SOON } from "../support/time.js";

const IMPORT =
  'import { socket, choosePort, closeAll, handles, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";';
const PAIR = [
  "const PORT = choosePort();",
  'const server = socket("server", AF_INET, SOCK_STREAM);',
  "server.bind(LOOPBACK, PORT); server.listen(5);",
  'const client = socket("client", AF_INET, SOCK_STREAM);',
  "await client.connect(LOOPBACK, PORT);",
  "const conversation = await server.accept();",
].join("\n");

async function run(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  expect(cell.status, `${code}\n${cell.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
  return cell.stdout;
}

/** Runs a cell that the stock kernel may answer with "abort" first: for 200 ms after a failed cell it does not run what it is sent. */
async function answered(kernel: Kernel, code: string): Promise<string> {
  const giveUp = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUp) {
    const cell = await kernel.execute(code);
    if (cell.status !== "abort") {
      expect(cell.status, cell.errors.map((error) => error.evalue).join()).toBe("ok");
      return cell.stdout;
    }
  }
  throw new Error("the kernel still aborts");
}

describe.each(["ours", "stock"] as const)("handles in a kernel (%s)", (spec) => {
  /** The last test ends it. */
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startKernel({ spec });
  });
  afterAll(() => kernel?.stop());

  /** Begins anew in the same kernel. */
  async function makePair(): Promise<void> {
    await run(kernel, `${IMPORT}\ncloseAll();`);
    await run(kernel, PAIR);
  }

  test("other cells run while an accept that nobody awaits waits in the background", async () => {
    await makePair();
    expect(await run(kernel, "const waiting = server.accept();")).toContain("waits for a client");
    expect(await run(kernel, 'console.log("not frozen");')).toContain("not frozen");
    await run(kernel, 'const second = socket("second", AF_INET, SOCK_STREAM);\nawait second.connect(LOOPBACK, PORT);');
    expect(await run(kernel, "const other = await waiting;\nconsole.log(other.name);")).toContain("server→2");
  });

  test("K1: an interrupt ends the wait of the running cell, and no data is lost", async () => {
    await makePair();
    await run(kernel, "const early = server.accept();");
    const cell = kernel.submit("const data = await conversation.recv(1024);");
    await kernel.waitForOutput((message) => String(message.content.text).includes("waits for data"));
    // An answer on the control channel shows that the cell's synchronous part is over: Node loses a signal that comes just at its end.
    await kernel.request("kernel_info_request", {}, { channel: "control" });
    const asked = performance.now();
    kernel.interrupt();
    await kernel.finish(cell);
    expect(performance.now() - asked).toBeLessThan(SOON);
    expect(cell.status).toBe("error");
    await answered(kernel, 'await client.send("after the interrupt");');
    const late = await answered(kernel, "const late = await conversation.recv(1024);\nconsole.log(late.toString());");
    expect(late).toContain("after the interrupt");
    // The accept of an earlier cell was left alone.
    await run(kernel, 'const third = socket("third", AF_INET, SOCK_STREAM);\nawait third.connect(LOOPBACK, PORT);');
    expect(await run(kernel, "const second = await early;\nconsole.log(second.name);")).toContain("server→2");
  });

  test("a cell that is run again makes its call, shows the answer, and keeps what it had", async () => {
    await makePair();
    const cells: [code: string, shown: RegExp][] = [
      ['const lonely = socket("lonely", AF_INET, SOCK_STREAM);', /^lonely +close/],
      ["lonely.bind(LOOPBACK, PORT + 1);", /EINVAL[\s\S]*You ran this cell before/],
      ["lonely.listen(5);", /listen\(\d+, 5\) = 0/],
      ['const caller = socket("caller", AF_INET, SOCK_STREAM);', /^caller +close/],
      ["await caller.connect(LOOPBACK, PORT + 1);", /EISCONN[\s\S]*You ran this cell before/],
      ["const line = await lonely.accept();", /EAGAIN[\s\S]*You ran this cell before[\s\S]*"lonely→1" stays/],
      ['await caller.send("once");', /send\(\d+, "once", 4\) = 4/],
      ["const heard = await line.recv(3);\nconsole.log(heard.toString());", /onc|eon/],
      ["caller.close();", /is closed already/],
    ];
    for (const [code, shown] of cells) {
      await run(kernel, code);
      expect(await run(kernel, code), code).toMatch(shown);
    }
  });

  test("a loop in the background gets each datagram once, whatever cells are run meanwhile", async () => {
    const loop = [
      'import { socket, trace, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";',
      'const box = socket("box", AF_INET, SOCK_DGRAM);\nbox.bind(LOOPBACK, 0);\ntrace.off();',
      "const got: string[] = [];",
      "async function take() { for (;;) got.push(String(await box.recv(9, 0, { timeout: Infinity }))); }",
      "const taking = take().catch(() => undefined);",
    ].join("\n");
    await run(kernel, loop);
    const send = [
      "const before = got.length;",
      'for (const text of ["a", "b", "c"]) await box.sendto(text, LOOPBACK, box.getsockname().port);',
      "while (got.length < before + 3) await new Promise((done) => setImmediate(done));",
      "console.log(got.join(''));",
    ].join("\n");
    expect(await run(kernel, send)).toBe("abc\n");
    expect(await run(kernel, send)).toBe("abcabc\n");
    expect(await run(kernel, "console.log(got.length);")).toBe("6\n");
    await run(kernel, "box.close(); await taking; trace.short();");
  });

  test("a loop that is run again is not told what its calls got before", async () => {
    await run(
      kernel,
      'import { socket, trace, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";\n' +
        'const box = socket("box", AF_INET, SOCK_DGRAM);\nbox.bind(LOOPBACK, 0);\ntrace.off();',
    );
    const emptyOut = [
      "let count = 0;",
      "for (; count < 40; count++) if (await box.recv(9, 0, { timeout: 0 }).then(() => false, () => true)) break;",
      "console.log(count);",
    ].join("\n");
    await run(kernel, "for (let i = 0; i < 20; i++) await box.sendto(String(i), LOOPBACK, box.getsockname().port);");
    expect(await run(kernel, emptyOut)).toBe("20\n");
    expect(await run(kernel, emptyOut)).toBe("0\n");
  });

  // The last one of this kernel.
  test("K6, K7: after a shutdown with servers, clients and waits open the kernel is gone soon; a new one binds the same port at once, and after SIGKILL", async () => {
    await makePair();
    const port = (
      await run(kernel, "console.log(PORT); const a = server.accept(), b = conversation.recv(10), c = client.recv(10);")
    ).split("\n")[0]!;
    const exit = await kernel.shutdown();
    expect(exit.code).toBe(0);
    expect(exit.ms).toBeLessThan(SOON);
    const again = PAIR.replace("choosePort()", port);
    for (const end of ["SIGKILL", "shutdown"]) {
      await withKernel({ spec }, async (next) => {
        await run(next, IMPORT);
        await run(next, again);
        if (end === "SIGKILL") {
          next.kill("SIGKILL");
          await next.exited;
        } else await next.shutdown();
      });
    }
  });
});

test("a thrown SocketError is shown as its call, its meaning and its manual page, without a JavaScript stack", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    await run(kernel, IMPORT);
    const cell = await kernel.execute(
      'socket("x", AF_INET, SOCK_STREAM).listen(1);\nsocket("y", AF_INET, SOCK_STREAM).getpeername();',
    );
    expect(cell.status).toBe("error");
    const shown = cell.errors[0]?.traceback.join("\n") ?? "";
    expect(cell.errors[0]?.ename).toBe("SocketError");
    expect(shown).toContain("getpeername(");
    expect(shown).toMatch(/-1 ENOTCONN\s+\(Transport endpoint is not connected\)/);
    expect(shown).toContain("man 2 getpeername");
    expect(shown).not.toMatch(/\bat .*(\.js|node:)/);
    expect((await kernel.execute("await server.accept();")).errors[0]?.ename).toBe("TypeScriptError");
  });
});

// The stock kernel does not tell which cell has started a loop: there an interrupt ends it with the running cell.
test("K3: a loop that an earlier cell left in the background goes on when a cell is interrupted", async () => {
  await withKernel({ spec: "ours" }, async (kernel) => {
    const run = async (code: string) => {
      const cell = await kernel.execute(code);
      expect(cell.status, cell.stdout + cell.stderr).toBe("ok");
      return cell;
    };
    await run(
      'import { socket, choosePort, trace, every, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";\ntrace.off();',
    );
    await run('const box = socket("box", AF_INET, SOCK_DGRAM);\nbox.bind(LOOPBACK, choosePort("box"));');
    await run(`async function serve() {
    for (;;) {
      const { data, from } = await box.recvfrom(100, 0, { timeout: Infinity });
      await every(1, 2, () => {});
      await box.sendto(data, from.address, from.port);
    }
  }
  const serving = serve().catch((error) => console.log(String(error)));`);
    await run('const client = socket("client", AF_INET, SOCK_DGRAM);');
    const ask = 'await client.sendto("ping", LOOPBACK, choosePort("box"));\n(await client.recv()).toString();';
    // The loop receives, pauses and sends while this cell runs, and waits for the next datagram when it is interrupted.
    const waits = kernel.submit(`${ask}\nconsole.log("asked");\nawait client.recv();`);
    await kernel.waitForOutput(() => waits.stdout.includes("asked"));
    kernel.interrupt();
    await kernel.finish(waits, 1000);
    expect(waits.status).toBe("error");
    const answered = await run(ask);
    expect(answered.results).toEqual([{ "text/plain": "'ping'" }]);
    expect(answered.stdout).toBe("");
  });
});
