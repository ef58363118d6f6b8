import { closeSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import {
  AF_INET,
  AF_UNIX,
  calls,
  choosePort,
  closeAll,
  every,
  type Handle,
  LOOPBACK,
  loseDatagrams,
  loseSegments,
  MSG_WAITALL,
  otherProcess,
  POLLIN,
  SHUT_RD,
  SHUT_WR,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { expect } from "vitest";
import { printed } from "../../support/captured.js";
import { start } from "../../support/child.js";
import { freshPath, KINDS } from "../../support/kinds.js";
import { failureOf, rejectionOf, turn } from "../../support/outcome.js";
import { connected, datagram, deadPort, listening, streamPair } from "../../support/pairs.js";
import { type Entry, until } from "./entry.js";
import { runProgram } from "./unprivileged.js";

/*
 * What handles say beside a call: one entry, or part of one, for every sentence of errors/sentences.ts that needs no other process and no
 * kernel.
 */

const UNIX = KINDS.AF_UNIX!;
export const handleEntries: Entry[] = [];
const entry = (says: string | string[], make: Entry["make"]) =>
  handleEntries.push({ says: typeof says === "string" ? [says] : says, make });

/** What an action prints, and the message of the error that it may end with. */
async function saidBy(action: () => unknown): Promise<string> {
  let message = "";
  const lines = await printed(async () => {
    try {
      await action();
    } catch (error) {
      message = (error as Error).message;
    }
  });
  return `${lines.join(" ")} ${message}`.replace(/\s+/g, " ");
}

/** The interrupt button: ends every wait of the running cell. */
function interrupt(): void {
  for (const waiter of reactor().pending()) waiter.interrupt();
}

/**
 * Fills the buffers, and says how many bytes that took. Of a Unix-domain stream: its buffer has room again only when the peer receives, and
 * TCP's also when the other end has acknowledged.
 */
async function fill(handle: Handle): Promise<number> {
  let total = 0;
  for (;;) {
    const sent = await handle.send(Buffer.alloc(65_536), 0, { timeout: 0 }).catch(() => 0);
    if (sent === 0) return total;
    total += sent;
  }
}

/** Receives so many bytes, or up to the end, and says how many there were. */
async function drain(handle: Handle, atMost = Number.POSITIVE_INFINITY): Promise<number> {
  let total = 0;
  while (total < atMost) {
    const { byteLength } = await handle.recv(1_000_000);
    if (byteLength === 0) break;
    total += byteLength;
  }
  return total;
}

// What a call waits for, and what is to be done when its time is over.

entry(["waitsForClient", "noClient", "runClientLonger"], async () => {
  const { server, place } = listening();
  const text = await saidBy(() => server.accept({ timeout: 20 }));
  expect(text).toContain(`connected to ${place.join(":")}`);
  const waiting = server.accept({ timeout: 60_000 });
  await connected(place);
  expect((await waiting).name).toBe("server→1");
  return text;
});
entry(["waitsForData", "nothingArrivedFrom", "runSenderLonger"], async () => {
  const { client, server } = await streamPair();
  const text = await saidBy(() => server.recv(10, 0, { timeout: 20 }));
  await client.send("x");
  expect(`${await server.recv()}`).toBe("x");
  return text;
});
entry(["waitsForDatagram", "nothingArrived"], async () => {
  const { receiver, place } = datagram();
  const text = await saidBy(() => receiver.recvfrom(10, 0, { timeout: 20 }));
  await socket("sender", AF_INET, SOCK_DGRAM).sendto("x", ...place);
  expect(`${(await receiver.recvfrom()).data}`).toBe("x");
  return text;
});
// The first of two receives takes what comes first, whether or not anybody awaits it.
entry(["waitsBehind", "earlierTook"], async () => {
  const { client, server } = await streamPair();
  const first = server.recv();
  const behind = await saidBy(() => server.recv(10, 0, { timeout: 20 }));
  const late = saidBy(() => server.recv(10, 0, { timeout: 300 }));
  await client.send("x");
  expect(`${await first}`).toBe("x");
  return behind + (await late);
});
// The default deadline, of which nobody has to wait the ten seconds here: it begins with the `await` alone.
entry(["runClient", "runSender", "runReceiver", "awaitConnect"], async () => {
  const { vi } = await import("vitest");
  const { client, server: peer } = await streamPair(UNIX);
  const before = await fill(client);
  const { server, place } = listening(undefined, 0, "full");
  await connected(place, undefined, "in the queue");
  const waits: [background: Promise<unknown>, awaited: Promise<unknown>][] = [];
  const late = socket("late", AF_INET, SOCK_STREAM);
  let text = "";
  const { place: empty, server: lonely } = listening(undefined, 1, "lonely");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    late.connect(place[0], place[1], { timeout: Number.POSITIVE_INFINITY });
    for (const begin of [() => lonely.accept(), () => client.recv(), () => client.send("x"), () => late.send("x")]) {
      const background = begin();
      const awaited = begin();
      const message = rejectionOf(awaited);
      await vi.advanceTimersByTimeAsync(10_000);
      text += (await message).message;
      waits.push([background, awaited]);
    }
    // Those that nobody awaits wait on.
    await vi.advanceTimersByTimeAsync(60_000);
  } finally {
    vi.useRealTimers();
  }
  const [accepting, receiving, sending, early] = waits.map(([background]) => background);
  await connected(empty, undefined, "client of lonely");
  expect(((await accepting) as Handle).name).toBe("lonely→1");
  await peer.send("y");
  expect(`${await receiving}`).toBe("y");
  await drain(peer, before);
  expect(await sending).toBe(1);
  await server.accept();
  expect(await early).toBe(1);
  return text;
});
entry(["waitsForAnswer", "noAnswer", "connectTimedOut", "closedRunAgain", "connectGivenUp"], async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const late = socket("late", AF_INET, SOCK_STREAM);
  // Its line appears when it has waited a while.
  let text = await saidBy(async () => {
    const stop = new AbortController();
    const connecting = late.connect(place[0], place[1], { signal: stop.signal });
    connecting.catch(() => {});
    await until(() => trace.steps().at(-1)?.waitedFrom !== undefined);
    stop.abort();
    await connecting;
  });
  expect(late.closed).toBe(true);
  text += await saidBy(() => socket("later", AF_INET, SOCK_STREAM).connect(place[0], place[1], { timeout: 20 }));
  text += await saidBy(() => late.recv());
  await server.accept();
  await socket("late", AF_INET, SOCK_STREAM).connect(...place);
  return text;
});
entry(["waitsForConnection", "notConnectedYet", "awaitConnectLonger", "connectUnderWay"], async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const late = socket("late", AF_INET, SOCK_STREAM);
  const connecting = late.connect(place[0], place[1]);
  let text = await saidBy(() => late.send("x", 0, { timeout: 20 }));
  expect(text).not.toContain("buffers are full");
  text += await saidBy(() => late.connect(...place));
  await server.accept();
  await connecting;
  await late.send("sent");
  expect(`${await (await server.accept()).recv()}`).toBe("sent");
  return text;
});
entry(["tooManyWait"], async () => {
  const { receiver, place } = datagram();
  const first = receiver.recv();
  const many = Array.from({ length: 9999 }, () => receiver.recv());
  const text = await saidBy(async () => receiver.recv());
  // As it says: one that is awaited is the next one's place.
  await socket("sender", AF_INET, SOCK_DGRAM).sendto("x", ...place);
  await first;
  many.push(receiver.recv());
  receiver.close();
  for (const { status } of await Promise.allSettled(many)) expect(status).toBe("rejected");
  return text;
});
entry(["waitsForReader", "notRead", "runReceiverLonger"], async () => {
  const { client, server } = await streamPair(UNIX);
  const before = await fill(client);
  const text = await saidBy(() => client.send("x", 0, { timeout: 20 }));
  const sending = client.send("x");
  expect(await drain(server, before)).toBeGreaterThanOrEqual(before);
  expect(await sending).toBe(1);
  return text;
});
entry(["waitsForRoom", "notGone", "sendLater"], () =>
  runProgram(
    [
      ...["unshare", "--user", "--map-root-user", "--net", "sh", "-ec"],
      // Debian's users do not have the folder of tc in their PATH.
      'PATH=$PATH:/usr/sbin:/sbin; ip link set lo up; tc qdisc add dev lo root tbf rate 1mbit burst 4000 limit 1000000; exec "$@"',
      "sh",
    ],
    `const receiver = socket("receiver", k.AF_INET, k.SOCK_DGRAM); receiver.bind(k.LOOPBACK, 20000);
     const sender = socket("sender", k.AF_INET, k.SOCK_DGRAM); sender.setsockopt(k.SO_SNDBUF, 8000);
     let sent = 0; k.trace.short();
     await fails(async () => { for (;;) { await sender.sendto(Buffer.alloc(1000), k.LOOPBACK, 20000, { timeout: 0 }); sent++; } });
     k.trace.off();
     await sender.sendto("the next", k.LOOPBACK, 20000);
     for (let i = 0; i < sent; i++) same((await receiver.recvfrom()).data.length, 1000);
     same(String((await receiver.recvfrom()).data), "the next");`,
  ),
);
entry(["waitsForPort", "noPort", "closeSockets"], () =>
  runProgram(
    "twoPorts",
    `const taken = ["a", "b"].map((name) => { const handle = socket(name, k.AF_INET, k.SOCK_DGRAM); handle.bind("0.0.0.0", 0); return handle; });
     const sender = socket("sender", k.AF_INET, k.SOCK_DGRAM); k.trace.short();
     await fails(() => sender.sendto("x", k.LOOPBACK, 9, { timeout: 0 }));
     k.trace.off(); const waiting = sender.sendto("x", k.LOOPBACK, 9);
     taken[0].close(); same(await waiting, 1);
     const bound = socket("bound", k.AF_INET, k.SOCK_DGRAM); bound.bind(k.LOOPBACK, 20000); await bound.sendto("x", k.LOOPBACK, 9);`,
  ),
);

// What an interrupt leaves behind.

entry("nothingLost", async () => {
  const { client, server: peer } = await streamPair(UNIX);
  const before = await fill(client);
  const { server, place } = listening(undefined, 16, "door");
  const { receiver, place: mailbox } = datagram();
  const waits: Promise<unknown>[] = [server.accept(), receiver.recvfrom(), client.send("never sent"), client.recv()];
  const outcomes = Promise.all(waits.map((wait) => rejectionOf(wait)));
  await turn();
  interrupt();
  const messages = (await outcomes).map((error) => error.message);
  for (const message of messages) expect(message).toContain("was interrupted");
  await connected(place, undefined, "afterwards");
  await server.accept();
  await socket("sender", AF_INET, SOCK_DGRAM).sendto("x", ...mailbox);
  expect(`${(await receiver.recvfrom()).data}`).toBe("x");
  await peer.send("y");
  expect(`${await client.recv()}`).toBe("y");
  client.shutdown(SHUT_WR);
  expect(await drain(peer)).toBe(before);
  return messages.join(" ");
});
entry("connectInterrupted", async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const late = socket("late", AF_INET, SOCK_STREAM);
  const failed = rejectionOf(late.connect(...place));
  await turn();
  interrupt();
  const { message } = await failed;
  expect(late.closed).toBe(true);
  expect(message).not.toContain("Nothing was lost");
  await server.accept();
  await socket("late", AF_INET, SOCK_STREAM).connect(...place);
  return message;
});
entry(["waitsForMore", "notAllArrived", "notAllArrivedFrom", "gaveSome"], async () => {
  let text = "";
  // The deadline, an interrupt, a close and a signal: what had come is in the error, and what comes later is not.
  const ends: ((receiving: Handle) => unknown)[] = [interrupt, (receiving) => receiving.close()];
  for (const end of [undefined, ...ends]) {
    const { client, server } = await streamPair();
    await client.send("half");
    let error: Error & { data?: Buffer } = new Error("none");
    text += await saidBy(async () => {
      const receiving = server.recvExactly(8, end === undefined ? { timeout: 30 } : {});
      receiving.catch((reason) => (error = reason));
      await turn();
      end?.(server);
      await receiving;
    });
    expect(`${error.data}`).toBe("half");
    await client.send("rest");
    if (!server.closed) expect(`${await server.recvExactly(4)}`).toBe("rest");
  }
  // A socket whose peer the handle does not know.
  const { client, server } = await streamPair(UNIX);
  await client.send("half");
  return text + (await saidBy(() => server.recvExactly(8, { timeout: 30 })));
});
entry(["gotTooFew", "peerEnded"], async () => {
  let text = "";
  for (const end of [(client: Handle) => client.close(), (client: Handle) => client.shutdown(SHUT_WR)]) {
    const { client, server } = await streamPair();
    await client.send("half");
    end(client);
    const error = await rejectionOf(server.recvExactly(8));
    expect(error).toMatchObject({ name: "EndError", data: Buffer.from("half") });
    expect((await server.recv()).byteLength).toBe(0);
    text += error.message;
  }
  return text;
});
const told = async (action: () => unknown) => (await printed(action)).join(" ").replace(/\s+/g, " ");
entry(["endAgain"], async () => {
  const { client, server } = await streamPair();
  client.close();
  // The first is what everybody wants to know; of the others it is said once.
  const text = await told(async () => {
    for (const receive of ["recv", "recv", "recvfrom", "recvmsg", "recv"] as const) await server[receive](10);
  });
  expect((await server.recv()).byteLength).toBe(0);
  expect(text.match(/: recv returns 0 bytes every time/g)).toHaveLength(1);
  // The peer can be open still, and hear what is sent to it.
  const half = await streamPair();
  half.client.shutdown(SHUT_WR);
  expect(await told(async () => [await half.server.recv(1), await half.server.recv(1)])).toContain(
    "the peer has closed, or has shut down its sending side",
  );
  await half.server.send("still heard");
  expect(`${await half.client.recv()}`).toBe("still heard");
  // A socket that receives no more by its own will is told nothing of its peer; its number is the same socket.
  for (const shut of [
    (handle: Handle) => handle.shutdown(SHUT_RD),
    (handle: Handle) => calls.shutdown(handle.fd, SHUT_RD),
  ]) {
    const { server } = await streamPair();
    shut(server);
    expect(await told(async () => [await server.recv(1), await server.recv(1)])).not.toContain("every time");
  }
  return text;
});
entry("descriptorBlocks", () => {
  const [one, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  try {
    calls.setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, Buffer.from(new BigInt64Array([0n, 20_000n]).buffer));
    const { message } = failureOf(() => calls.recv(one, Buffer.alloc(1)));
    // What it tells to do: the other end acts first; to ask; not to wait.
    expect(calls.poll([{ fd: one, events: POLLIN }], 0)).toMatchObject([{ revents: 0 }]);
    calls.send(other, "x");
    expect(calls.recv(one, Buffer.alloc(1))).toBe(1);
    return message;
  } finally {
    for (const fd of [one, other]) calls.close(fd);
  }
});
entry(["tookNone", "tookNothing", "tookSome", "readFirst"], async () => {
  let text = "";
  const length = 20_000_000;
  const ends: ((sending: Handle) => unknown)[] = [
    interrupt,
    (sending) => sending.close(),
    () => stop.abort(new Error("given up")),
  ];
  let stop = new AbortController();
  for (const end of [...ends, undefined]) {
    const { client, server } = await streamPair();
    stop = new AbortController();
    const options = end === undefined ? { timeout: 30 } : { signal: stop.signal };
    const told = await saidBy(async () => {
      const sending = client.sendAll(Buffer.alloc(length), options);
      sending.catch(() => {});
      await turn();
      end?.(client);
      await sending;
    });
    const taken = Number(/The system took (\d+) of the 20000000 bytes/.exec(told)?.[1]);
    // Exactly so many arrive, and the rest can follow them.
    const arriving = drain(server);
    const rest = client.closed ? "" : "the rest";
    if (!client.closed) {
      await client.sendAll(rest);
      client.close();
    }
    expect(await arriving).toBe(taken + rest.length);
    text += told;
  }
  const { client, server } = await streamPair(UNIX);
  const before = await fill(client);
  const sending = rejectionOf(client.sendAll("none of it"));
  await turn();
  interrupt();
  text += (await sending).message;
  client.close();
  expect(await drain(server)).toBe(before);
  // An errno before it: made again, the call fails again.
  const over = await streamPair();
  over.server.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  over.server.close();
  text += (await rejectionOf(over.client.sendAll("none of it"))).message;
  expect((await rejectionOf(over.client.sendAll("none of it"))).code).toBe("EPIPE");
  // An errno in the middle of it.
  const pair = await streamPair();
  const broken = saidBy(() => pair.client.sendAll(Buffer.alloc(length)));
  await turn();
  const got = (await pair.server.recv(1000)).byteLength;
  expect(got).toBe(1000);
  pair.server.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  pair.server.close();
  const reset = await broken;
  expect(reset).toMatch(/ECONNRESET|EPIPE/);
  expect(reset).toMatch(/The system took \d+ of the 20000000 bytes/);
  return text;
});
entry("everyInterrupted", async () => {
  const seen: number[] = [];
  const failed = rejectionOf(every(1, 1000, (n) => seen.push(n)));
  await until(() => seen.length >= 3);
  interrupt();
  const { message } = await failed;
  expect(message).toContain(`It was done ${seen.length} times`);
  await every(0, 1, (n) => seen.push(n));
  expect(seen.at(-1)).toBe(0);
  return message;
});
entry("threadEnded", () =>
  runProgram(
    "plain",
    `const pair = async (name) => { const server = socket(name, k.AF_INET, k.SOCK_STREAM); server.bind(k.LOOPBACK, 0); server.listen();
       const client = socket("client of " + name, k.AF_INET, k.SOCK_STREAM); await client.connect(k.LOOPBACK, server.getsockname().port);
       return [client, await server.accept()]; };
     const [client, conversation] = await pair("server");
     const waits = Promise.all([fails(() => conversation.recv()), fails(() => client.recv())]);
     await new Promise(setImmediate); await globalThis.worker.terminate(); await waits;
     const data = conversation.recv(); await new Promise(setImmediate); await client.send("after"); same(String(await data), "after");`,
    {},
    `process.on("worker", (started) => { globalThis.worker = started; });`,
  ),
);

// Handles that are closed.

entry(
  ["wasClosed", "closedAlready", "openedAnew", "closedByAll", "closedBehind", "numberTaken", "noHandleOpen"],
  async () => {
    const after = (handle: Handle) => saidBy(() => handle.recv());
    const open = () => socket("one", AF_INET, SOCK_DGRAM);
    const closed = open();
    closed.close();
    let text = (await after(closed)) + (await saidBy(() => closed.close()));
    const old = open();
    const anew = open();
    text += await after(old);
    expect(anew.closed).toBe(false);
    const behind = anew;
    calls.close(behind.fd);
    text += await after(behind);
    // Closed by somebody who did not ask us: the next socket has the number, and keeps it.
    const taken = socket("taken", AF_INET, SOCK_DGRAM);
    closeSync(taken.fd);
    const next = socket("next", AF_INET, SOCK_DGRAM);
    expect(next.fd).toBe(taken.fd);
    text += await after(taken);
    taken.close();
    next.bind(LOOPBACK, 0);
    closeAll();
    text += await after(next);
    return text + (await saidBy(() => closeAll()));
  },
);

entry(["closedElsewhere", "otherCode"], async () => {
  const [one, two] = [socket("one", AF_INET, SOCK_DGRAM), socket("two", AF_INET, SOCK_DGRAM)];
  for (const { fd } of [one, two]) closeSync(fd);
  const text = await saidBy(() => one.close());
  const called = await saidBy(() => two.getsockname());
  expect([one.closed, two.closed]).toEqual([true, true]);
  socket("two", AF_INET, SOCK_DGRAM).getsockname();
  return text + called;
});

// The socket's own deadline, and receives of a whole length.

entry(["ownTimeout", "waitsForRest"], async () => {
  const { client, server } = await streamPair();
  server.setsockopt(SO_RCVTIMEO, 30);
  const text = await saidBy(() => server.recv());
  expect(text).toContain("EAGAIN");
  await client.send("abc");
  expect(`${await server.recv()}`).toBe("abc");
  server.setsockopt(SO_RCVTIMEO, 0);
  let all: Promise<Buffer> | undefined;
  const waits = await saidBy(async () => {
    all = server.recv(10, MSG_WAITALL);
    await client.send("abc");
    await until(() => trace.steps().at(-1)?.name === "recv" && trace.steps().at(-1)?.waitedFrom !== undefined);
  });
  expect(waits).toContain("7 bytes are missing");
  await client.send("defghij");
  expect(`${await all}`).toBe("abcdefghij");
  return text + waits;
});
entry("handshakeUndone", async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const late = socket("late", AF_INET, SOCK_STREAM);
  const failed = rejectionOf(late.connect(...place));
  await turn();
  late.shutdown(SHUT_WR);
  const { message } = await failed;
  await server.accept();
  await late.connect(...place);
  await late.send("x");
  return message;
});

// What a learner does not see in the call itself.

entry(["newSocket", "newSocketUnbound"], async () => {
  const { server, place } = listening();
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, deadPort()).catch(() => {});
  const text = await saidBy(() => client.connect(...place));
  await client.send("x");
  expect(`${await (await server.accept()).recv()}`).toBe("x");
  const bound = socket("bound", AF_INET, SOCK_STREAM);
  bound.bind(LOOPBACK, 0);
  const { port } = bound.getsockname();
  await bound.connect(LOOPBACK, deadPort()).catch(() => {});
  const more = await saidBy(() => bound.connect(...place));
  expect(bound.getsockname().port).not.toBe(port);
  return text + more;
});
entry("chosenPort", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  const text = await saidBy(() => server.listen());
  expect(text).toContain(`chose 0.0.0.0:${server.getsockname().port}.`);
  await connected([LOOPBACK, server.getsockname().port]);
  return text;
});
entry("ephemeralPort", async () => {
  const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
  const free = socket("free", AF_INET, SOCK_STREAM);
  free.bind(LOOPBACK, 0);
  const { port } = free.getsockname();
  free.close();
  const text = await saidBy(() => socket("server", AF_INET, SOCK_STREAM).bind(LOOPBACK, port));
  expect(text).toContain(`gives ports ${first} to ${last} to clients`);
  expect(await saidBy(() => socket("server", AF_INET, SOCK_STREAM).bind(LOOPBACK, choosePort()))).not.toContain(
    "Careful",
  );
  return text;
});
entry("closedServeAgain", async () => {
  const taken: Handle[] = [];
  const start = () =>
    serve("echo", {}, async (conversation) => {
      taken.push(conversation);
      for await (const data of conversation) await conversation.sendAll(data);
    });
  const answers = async (port: number, name: string) => {
    const client = await connected([LOOPBACK, port], undefined, name);
    await client.send("x");
    expect(`${await client.recv()}`).toBe("x");
  };
  const server = await start();
  await answers(server.port!, "first");
  taken[0]!.close();
  const text = (await rejectionOf(async () => taken[0]!.recv())).message;
  // What it tells to do: another one, and when the server has ended, another server.
  await answers(server.port!, "second");
  await server.stop();
  const ended = (await rejectionOf(async () => taken[1]!.recv())).message;
  const again = await start();
  await answers(again.port!, "third");
  await again.stop();
  return text + ended;
});
entry("clientGone", async () => {
  const { server, place } = listening();
  (await connected(place, undefined, "gone")).close();
  await connected(place, undefined, "there");
  const text = await saidBy(() => server.accept());
  const second = await server.accept();
  await second.send("x");
  return text;
});
entry("connectedToItself", async () => {
  const port = choosePort();
  const itself = socket("itself", AF_INET, SOCK_STREAM);
  itself.bind(LOOPBACK, port);
  const text = await saidBy(() => itself.connect(LOOPBACK, port));
  await itself.send("to myself");
  expect(`${await itself.recv()}`).toBe("to myself");
  // Nobody listens: the next one is refused.
  expect((await rejectionOf(() => socket("next", AF_INET, SOCK_STREAM).connect(LOOPBACK, port))).code).toBe(
    "ECONNREFUSED",
  );
  // A socket that was bound to the same port and listens has no part in it either.
  const [listener, beside] = ["listener", "beside"].map((name) => socket(name, AF_INET, SOCK_STREAM)) as [
    Handle,
    Handle,
  ];
  listener.bind(LOOPBACK, 0);
  const shared = listener.getsockname().port;
  beside.bind(LOOPBACK, shared);
  listener.listen();
  expect(await saidBy(() => beside.connect(LOOPBACK, shared))).toContain("No other socket has a part in it.");
  await beside.send("to myself");
  expect(`${await beside.recv()}`).toBe("to myself");
  expect((await rejectionOf(() => listener.accept({ timeout: 0 }))).name).toBe("TimeoutError");
  // An ephemeral port that meets itself, over 0.0.0.0 too. And who has the same port at another address is not connected to itself.
  const met = runProgram(
    "twoPorts",
    `k.trace.short(); for (let i = 0; ; i++) { const client = socket("met " + i, k.AF_INET, k.SOCK_STREAM);
       if (await client.connect("0.0.0.0", 30000).then(() => true, () => false)) break; client.close(); }`,
  );
  expect(met).toContain("is connected to itself");
  const { server, place } = listening();
  const other = socket("other", AF_INET, SOCK_STREAM);
  other.bind("127.0.0.2", place[1]);
  expect(await saidBy(() => other.connect(...place))).not.toContain("itself");
  server.close();
  return text;
});
entry("wouldLinger", async () => {
  const text: string[] = [];
  // -1 is without an end.
  for (const seconds of [60, -1]) {
    const { client, server } = await streamPair();
    const value = Buffer.from(Int32Array.of(1, seconds).buffer);
    calls.setsockopt(client.fd, SO_LINGER.level, SO_LINGER, value);
    const sent = await fill(client);
    text.push(await saidBy(() => client.close()));
    expect(await drain(server)).toBe(sent);
  }
  expect(text[0]).toContain("would wait up to 60 s for");
  expect(text[1]).toContain("would wait without an end for");
  return text.join(" ");
});
entry("datagramsToItself", async () => {
  const { receiver, place } = datagram();
  const text = await saidBy(() => receiver.connect(...place));
  await receiver.send("to myself");
  expect(`${await receiver.recv()}`).toBe("to myself");
  return text;
});
entry("fileRemoved", async () => {
  const path = freshPath();
  const cell = () => {
    const server = socket("server", AF_UNIX, SOCK_STREAM);
    server.bind(path);
    server.listen();
    return server;
  };
  cell();
  expect(existsSync(path)).toBe(true);
  // The cell runs again, and works.
  const text = await saidBy(cell);
  await connected([path], UNIX);
  // Not a file that somebody has put there meanwhile, not one of a name that is none, and not what a client connected to.
  rmSync(path);
  writeFileSync(path, "somebody's");
  expect(await saidBy(() => closeAll())).not.toContain("is removed");
  expect(readFileSync(path, "utf8")).toBe("somebody's");
  // When the process ends, too.
  const other = freshPath();
  runProgram(
    "plain",
    `socket("server", k.AF_UNIX, k.SOCK_STREAM).bind(${JSON.stringify(other)}); same(fs.existsSync(${JSON.stringify(other)}), true);`,
  );
  expect(existsSync(other)).toBe(false);
  return text;
});

// Loss.

entry(["losesAll", "losesSome", "losesNothing", "lostNothing"], async () => {
  const { receiver, place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  /** Which of so many arrive; a mark at the end arrives only while nothing is lost. */
  const arrive = async (count: number) => {
    for (let i = 0; i < count; i++) await sender.sendto(`${i}`, ...place);
    let got = 0;
    for (;;) {
      const one = await receiver.recvfrom(10, 0, { timeout: 0 }).catch(() => undefined);
      if (one === undefined) return got;
      got += 1;
    }
  };
  let text = await saidBy(() => loseDatagrams(receiver, 0));
  expect(await arrive(20)).toBe(20);
  text += await saidBy(() => loseDatagrams(receiver, 1));
  expect(await arrive(20)).toBe(0);
  text += await saidBy(() => loseDatagrams(receiver, 0.5));
  const some = await arrive(100);
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(100);
  text += await saidBy(() => loseDatagrams(receiver, 0));
  expect(await arrive(20)).toBe(20);
  // By chance, it says: what is more than the queue holds is thrown away all the same.
  receiver.setsockopt(SO_RCVBUF, 4096);
  expect(await arrive(1000)).toBeLessThan(1000);
  return text;
});
entry("lossNotAllowed", async () => {
  const text = runProgram(
    "unprivileged",
    `await fails(() => k.loseSegments(socket("tcp", k.AF_INET, k.SOCK_STREAM), 0.5));`,
  );
  const lab = await otherProcess("lab", { network: "own" });
  await loseSegments(await lab.socket("tcp", AF_INET, SOCK_STREAM), 0.5);
  await lab.stop();
  return text;
});

// Who has what a call wanted.

entry("handlesOpen", () =>
  runProgram(
    "fewDescriptors",
    `let count = 0; const error = await fails(() => { for (;;) { socket("h" + count, k.AF_INET, k.SOCK_DGRAM); count++; } });
     same(error.advice.includes(" " + count + " handles are open."), true);`,
  ),
);
/** A stream socket that does not set SO_REUSEADDR, as in a program that does not know of it. */
function plain(name: string): Handle {
  const handle = socket(name, AF_INET, SOCK_STREAM);
  handle.setsockopt(SO_REUSEADDR, 0);
  return handle;
}
entry(["portOfHandle", "portOfDescriptor", "portOfNode"], async () => {
  const { server, place } = listening();
  const rival = plain("rival");
  let text = failureOf(() => rival.bind(...place)).message;
  server.close();
  rival.bind(...place);
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  const port = choosePort();
  calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port });
  calls.listen(fd, 1);
  const second = plain("second");
  text += failureOf(() => second.bind(LOOPBACK, port)).message;
  calls.close(fd);
  second.bind(LOOPBACK, port);
  const node = createServer();
  await new Promise<void>((ready) => node.listen(choosePort(), LOOPBACK, ready));
  const taken = (node.address() as { port: number }).port;
  const third = plain("third");
  const error = failureOf(() => third.bind(LOOPBACK, taken));
  const number = Number(/by descriptor (\d+)/.exec(error.message)?.[1]);
  // It is not ours to close.
  expect(() => calls.close(number)).toThrow(RangeError);
  await new Promise((closed) => node.close(closed));
  third.bind(LOOPBACK, taken);
  return text + error.message;
});
/** Another program has the port until it is told to end. */
async function otherProgram(port: number, more: string): Promise<() => Promise<unknown>> {
  const child = start("python3", [
    "-c",
    `import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", ${port}))
${more}
print("ready", flush=True)
sys.stdin.read()`,
  ]);
  await child.line();
  return () => {
    child.end();
    return child.ended;
  };
}
entry(["portOfProcess", "portUnlisted"], async () => {
  let text = "";
  for (const more of ["s.listen()", ""]) {
    const port = choosePort();
    const end = await otherProgram(port, more);
    const rival = plain("rival");
    text += failureOf(() => rival.bind(LOOPBACK, port)).message;
    plain("elsewhere").bind(LOOPBACK, choosePort());
    await end();
    rival.bind(LOOPBACK, port);
  }
  return text;
});
// A process that may not be looked at: as one of another user does, it hides its descriptors from who has no privilege over it.
entry("portHidden", async () => {
  const port = choosePort();
  const hide = "s.listen(); import ctypes; ctypes.CDLL(None).prctl(4, 0)";
  const end = await otherProgram(port, hide);
  const bind = `const rival = socket("rival", k.AF_INET, k.SOCK_STREAM);`;
  const without = ["unshare", "--user", "--map-root-user"];
  const text = runProgram(without, `${bind} await fails(() => rival.bind(k.LOOPBACK, ${port}));`);
  await end();
  runProgram(without, `${bind} rival.bind(k.LOOPBACK, ${port});`);
  return text;
});
entry(["portInTimeWait", "portClosing"], async () => {
  const port = choosePort();
  const server = plain("server");
  server.bind(LOOPBACK, port);
  server.listen();
  const client = await connected([LOOPBACK, port]);
  const conversation = await server.accept();
  server.close();
  conversation.close();
  expect(await client.recv()).toHaveLength(0);
  const rival = plain("rival");
  const closing = failureOf(() => rival.bind(LOOPBACK, port)).message;
  client.close();
  await until(() => failureOf(() => rival.bind(LOOPBACK, port)).message.includes("TIME_WAIT"));
  const waiting = failureOf(() => rival.bind(LOOPBACK, port)).message;
  // With SO_REUSEADDR on both it works at once.
  const [first, other] = [socket("first", AF_INET, SOCK_STREAM), choosePort()];
  first.bind(LOOPBACK, other);
  first.listen();
  const peer = await connected([LOOPBACK, other], undefined, "peer");
  const accepted = await first.accept();
  first.close();
  accepted.close();
  expect(await peer.recv()).toHaveLength(0);
  peer.close();
  socket("anew", AF_INET, SOCK_STREAM).bind(LOOPBACK, other);
  return closing + waiting;
});
entry("portUnknown", () =>
  runProgram(
    ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs none /proc; exec "$@"', "sh"],
    `const [server, rival] = ["server", "rival"].map((name) => socket(name, k.AF_INET, k.SOCK_STREAM));
     const fd = calls.socket(k.AF_INET, k.SOCK_STREAM); calls.bind(fd, inet(k.LOOPBACK, 0)); calls.listen(fd, 1);
     const { port } = calls.getsockname(fd); const error = await fails(() => rival.bind(k.LOOPBACK, port));
     same(error.message.includes("does not listen"), false); calls.close(fd); rival.bind(k.LOOPBACK, port);`,
  ),
);
entry("noFreePort", () =>
  runProgram("plain", `for (const name of ["a", "b"]) k.choosePort(name); await fails(() => k.choosePort("c"));`, {
    SOCKET_WORKSHOP_PORTS: "29350-29351",
  }),
);
entry(["pathOfHandle", "pathOfSocket", "pathLeft", "pathOfFile"], () => {
  const [own, open, left, file] = [freshPath(), freshPath(), freshPath(), freshPath()] as const;
  socket("server", AF_UNIX, SOCK_STREAM).bind(own);
  const fds = [open, left].map((path) => {
    const fd = calls.socket(AF_UNIX, SOCK_STREAM);
    calls.bind(fd, { family: "AF_UNIX", path });
    return fd;
  });
  calls.close(fds[1]!);
  writeFileSync(file, "");
  const rival = socket("rival", AF_UNIX, SOCK_STREAM);
  const text = [own, open, left, file].map((path) => failureOf(() => rival.bind(path)).message).join(" ");
  calls.close(fds[0]!);
  rmSync(left);
  rival.bind(left);
  return text;
});
