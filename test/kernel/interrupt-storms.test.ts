import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cell, type Kernel, startKernel } from "../support/jupyter/index.js";
import { LONG_PATIENCE_MS, PATIENCE_MS } from "../support/time.js";

/*
 * Interrupts that come at any moment of a cell, one after the other, while clients of another process go on: the kernel lives, a server of
 * an earlier cell answers, and of what came in nothing is lost and nothing comes twice.
 */

/** So many are sent at least, and so many have ended a cell: on a busy machine several come as one. */
const INTERRUPTS = 40;
const ENDED = 5;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await run(`import { datagrams, serve, socket, trace, closeAll, AF_INET, SOCK_STREAM, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
    trace.off();
    const echo = await serve("echo", {}, async (one) => { for await (const data of one) await one.sendAll(data); });
    globalThis.got = [];`);
});
afterAll(() => kernel?.stop());

async function run(code: string): Promise<Cell> {
  const cell = await kernel.execute(code);
  expect(cell.status, `${code}\n${cell.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
  return cell;
}

/** The last interrupts may still be on their way, and end a cell. */
async function answered(code: string): Promise<Cell> {
  for (;;) {
    const cell = await kernel.execute(code);
    if (cell.status === "ok") return cell;
    expect(cell.errors).toMatchObject([{ ename: "Interrupted" }]);
  }
}

/**
 * Runs a cell again and again while interrupts come, at moments that nobody has chosen, until enough of them have ended it.
 */
async function storm(code: string): Promise<void> {
  let interrupted = 0;
  let over = false;
  const raining = (async () => {
    for (let sent = 0; !over && (sent < INTERRUPTS || interrupted < ENDED); sent++) {
      await delay(Math.random() * 30);
      kernel.interrupt();
    }
    over = true;
  })();
  try {
    while (!over) {
      const cell = await kernel.execute(code);
      if (cell.status === "error") {
        expect(cell.errors[0]!.ename, cell.errors[0]!.traceback.join("\n")).toMatch(/^Interrupted/);
        interrupted += 1;
      }
    }
  } finally {
    over = true;
    await raining;
  }
  await answered("1 + 1");
}

const connected = async (port: number): Promise<Socket> => {
  const client = connect(port, "127.0.0.1").on("error", () => {});
  await once(client, "connect");
  return client;
};

/** A client that is answered by the server of the first cell until it is told to end. @returns how often it was */
async function steady(port: number, over: () => boolean): Promise<number> {
  const client = await connected(port);
  let rounds = 0;
  for (; !over(); rounds++) {
    const text = `round ${rounds}`;
    client.write(text);
    let got = "";
    while (got.length < text.length)
      got += (await once(client, "data", { signal: AbortSignal.timeout(PATIENCE_MS) }))[0];
    expect(got).toBe(text);
  }
  client.destroy();
  return rounds;
}

test("while a cell serves anew on one port: a client of another server is answered all the time, and the port is served in the end", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const port = Number((await run("console.log(echo.port)")).stdout);
  let over = false;
  const client = steady(port, () => over);
  const serve = `const other = await serve("other", { port: 0 }, async (one) => { for await (const data of one) await one.sendAll(data); });
    const asking = socket("asking", AF_INET, SOCK_STREAM);
    await asking.connect(LOOPBACK, other.port);
    await asking.sendAll("hello"); await asking.recvExactly(5); asking.close();`;
  await run(`${serve} globalThis.port = other.port;`);
  await storm(serve);
  over = true;
  expect(await client).toBeGreaterThan(0);
  const last = await answered(
    `${serve} console.log(other.port === globalThis.port, other.clients + other.served > 0);`,
  );
  expect(last.stdout).toBe("true true\n");
});

/*
 * Both loops begin after an `await`, where an interrupt ends waits, which have taken nothing. Those of the synchronous part, where it ends
 * JavaScript, are in interrupted-calls.test.ts.
 */

/** What is sent: numbers of four bytes, one after the other. */
const numbered = (from: number, count: number): Buffer => {
  const bytes = Buffer.alloc(4 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt32BE(from + i, 4 * i);
  return bytes;
};

/** What the cells have got must be the numbers from 0. */
const CHECK = `const bytes = Buffer.concat(globalThis.got);
let wrong = -1;
for (let i = 0; i + 4 <= bytes.length && wrong < 0; i += 4) if (bytes.readUInt32BE(i) !== i / 4) wrong = i / 4;
console.log(bytes.length / 4, wrong);`;

test("in `for await` over a conversation: every byte comes once, in its order", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const cell = await run(`globalThis.got = [];
    const server = socket("server", AF_INET, SOCK_STREAM); server.bind(LOOPBACK, 0); server.listen();
    console.log(server.getsockname().port);`);
  const client = await connected(Number(cell.stdout));
  await run("const conversation = await server.accept();");
  let sent = 0;
  const timer = setInterval(() => {
    client.write(numbered(sent, 1 + (sent % 7)));
    sent += 1 + (sent % 7);
  }, 2);
  await storm("await 0; for await (const data of conversation) globalThis.got.push(data);");
  clearInterval(timer);
  client.end();
  await answered("await 0; for await (const data of conversation) globalThis.got.push(data);");
  expect((await run(CHECK)).stdout).toBe(`${sent} -1\n`);
  client.destroy();
});

test("in `for await` over datagrams: every datagram comes once, in its order", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const cell = await run(`globalThis.got = [];
    const box = socket("box", AF_INET, SOCK_DGRAM); box.bind(LOOPBACK, 0);
    console.log(box.getsockname().port);`);
  const port = Number(cell.stdout);
  const sender = createSocket("udp4");
  let sent = 0;
  // No more than the queue of a socket holds, however long nobody reads.
  const timer = setInterval(() => {
    if (sent >= 200) return;
    sender.send(numbered(sent, 1), port, "127.0.0.1");
    sent += 1;
  }, 5);
  await storm("await 0; for await (const { data } of datagrams(box)) globalThis.got.push(data);");
  clearInterval(timer);
  await new Promise((resolve) => sender.send("end", port, "127.0.0.1", resolve));
  await answered(
    "await 0; for await (const { data } of datagrams(box)) { if (data.length === 3) break; globalThis.got.push(data); }",
  );
  expect((await run(CHECK)).stdout).toBe(`${sent} -1\n`);
  sender.close();
});
