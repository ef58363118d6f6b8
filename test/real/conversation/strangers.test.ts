import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket as Stream } from "node:net";
import { join } from "node:path";
import {
  AF_UNIX,
  ANY,
  calls,
  choosePort,
  IP_RECVERR,
  LOOPBACK,
  loseDatagrams,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { afterEach, describe, expect, it } from "vitest";
import * as internals from "../../../kernel-helpers/dist/calls/index.js";
import { fromSteps, readConversation } from "../../../kernel-helpers/dist/conversation/index.js";
import { queues } from "../../../kernel-helpers/dist/notebook/queues.js";
import { takeSnapshot } from "../../../kernel-helpers/dist/notebook/snapshot.js";
import { startScript } from "../../support/child.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { turn } from "../../support/outcome.js";
import { box, client, freshRecord, listener, postman } from "../../support/speakers.js";
import { temporaryOfTest } from "../../support/temporary.js";

guardDescriptors();

freshRecord();

/** What the model says of each datagram or connection that was sent: "queued at mailbox", from the calls and from what the system says. */
function said(): string[] {
  const steps = fromSteps(trace.steps(), internals);
  const { links, calls: all, sockets } = readConversation({ steps, ...queues(takeSnapshot()) });
  const name = (at?: number) => (at === undefined ? "nobody" : sockets[at]!.handle);
  return links
    .filter(({ cargo }) => cargo !== "new socket")
    .map(({ cargo, fate, from, to, socket: at, known, reason }) =>
      [cargo, all[(from ?? to)!]!.step.handle, fate, name(at), known, ...(reason === undefined ? [] : [reason])].join(
        " ",
      ),
    );
}

/** The program has its socket until its input ends. */
const UNTIL_END = `console.log("ready"); await new Promise((resolve) => process.stdin.resume().on("end", resolve));`;

async function stranger(port: number, address = LOOPBACK): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

/** A program without a place in the record sends this, and is gone. */
async function strangerSends(data: string, port: number): Promise<void> {
  const other = createSocket("udp4");
  await new Promise<void>((resolve) => other.send(data, port, LOOPBACK, () => resolve()));
  await new Promise<void>((resolve) => other.close(resolve));
}

const received = (socket: Socket): Promise<Buffer> => new Promise((resolve) => socket.once("message", resolve));

describe("another program has the address too", () => {
  it("a datagram that it can have received is in nobody's queue", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port, SO_REUSEADDR);
    const other = await stranger(port);
    const arrived = received(other);
    await postman().sendto("for whom?", LOOPBACK, port);
    expect(`${await arrived}`).toBe("for whom?");
    expect(said()).toEqual([]);
    // It is gone, and with it the knowledge that it was there; the queue is as empty as before.
    await new Promise<void>((resolve) => other.close(resolve));
    expect(said()).toEqual([]);
    await postman().sendto("for the mailbox", LOOPBACK, port);
    await mailbox.recvfrom();
    expect(said()).toEqual(["datagram postman taken mailbox observed"]);
  });

  it("what a receive does not find need not be lost", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port, SO_REUSEADDR);
    const other = await stranger(port);
    const arrived = received(other);
    await postman().sendto("for whom?", LOOPBACK, port);
    await arrived;
    await expect(mailbox.recv(100, MSG_DONTWAIT)).rejects.toMatchObject({ code: "EAGAIN" });
    expect(said()).toEqual([]);
    other.close();
  });

  it("one that has every address gets nothing of what goes to this one", async () => {
    const port = choosePort();
    box("mailbox", LOOPBACK, port, SO_REUSEADDR);
    const other = await stranger(port, ANY);
    await postman().sendto("for the mailbox", LOOPBACK, port);
    expect(said()).toEqual(["datagram postman queued mailbox inferred"]);
    other.close();
  });

  it("the same bytes of a stranger, after a filter has dropped the ones of the record: nobody knows whose they are", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    loseDatagrams(mailbox, 1);
    await postman().sendto("the same", LOOPBACK, port);
    loseDatagrams(mailbox, 0);
    await strangerSends("the same", port);
    expect(`${await mailbox.recv()}`).toBe("the same");
    expect(said()).toEqual(["datagram postman lost mailbox inferred filter"]);
    mailbox.close();
    expect(said().filter((line) => line.includes("taken"))).toEqual([]);
  });

  it("or a full queue", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    mailbox.setsockopt(SO_RCVBUF, 4096);
    const sender = postman();
    const large = Buffer.alloc(2000, "-");
    const drops = () => queues(takeSnapshot()).drops.find(({ handle }) => handle === "mailbox")?.count ?? 0;
    while (drops() === 0) await sender.sendto(large, LOOPBACK, port);
    const same = "the same".padEnd(2000);
    await sender.sendto(same, LOOPBACK, port);
    expect(drops()).toBe(2);
    while (queues(takeSnapshot()).queues.find(({ handle }) => handle === "mailbox")!.length! > 0)
      await mailbox.recvfrom();
    await strangerSends(same, port);
    expect(`${await mailbox.recv()}`).toBe(same);
    expect(said().filter((line) => line.includes("taken mailbox inferred"))).toEqual([]);
  });

  it("where all is accounted for, what was dropped lets nobody doubt what was received", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    const sender = postman();
    await sender.sendto("one", LOOPBACK, port);
    loseDatagrams(mailbox, 1);
    await sender.sendto("two", LOOPBACK, port);
    await mailbox.recv();
    expect(said().sort()).toEqual([
      "datagram postman lost mailbox inferred filter",
      "datagram postman taken mailbox inferred",
    ]);
  });

  it("a path that was bound again", async () => {
    const path = join(temporaryOfTest(), "box");
    const mailbox = socket("mailbox", AF_UNIX, SOCK_DGRAM);
    mailbox.bind(path);
    const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
    await sender.sendto("for the mailbox", path);
    expect(said()).toEqual(["datagram sender queued mailbox inferred"]);
    const other = startScript(`
      require("node:fs").rmSync(${JSON.stringify(path)});
      socket("other", AF_UNIX, SOCK_DGRAM).bind(${JSON.stringify(path)});
      ${UNTIL_END}`);
    await other.line();
    await sender.sendto("for whom?", path);
    expect(said()).toEqual([]);
    other.end();
    await other.ended;
  });

  it("a listening socket: the client can be in its queue", async () => {
    const port = choosePort();
    listener("server", LOOPBACK, port, SO_REUSEPORT);
    const other = startScript(`
      const other = socket("other", AF_INET, SOCK_STREAM);
      other.setsockopt(sockets.SO_REUSEPORT, true);
      other.bind(LOOPBACK, ${port});
      other.listen();
      ${UNTIL_END}`);
    await other.line();
    const clients = await Promise.all(Array.from({ length: 8 }, (_, n) => client(`client ${n}`, LOOPBACK, port)));
    for (const one of clients) await one.send("hello");
    expect(said()).toEqual([]);
    other.end();
    await other.ended;
  });
});

describe("nobody has told who sent it", () => {
  it("of two with the same bytes one can be a stranger's: then nothing is said of either", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    const other = await stranger(0);
    await new Promise((resolve) => other.send("hello", port, LOOPBACK, resolve));
    await postman().sendto("hello", LOOPBACK, port);
    await mailbox.recv(100);
    await mailbox.recv(100);
    expect(said()).toEqual([]);
    other.close();
  });

  it("with other bytes it is the sender of the record", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    const other = await stranger(0);
    await new Promise((resolve) => other.send("good day", port, LOOPBACK, resolve));
    await postman().sendto("hello", LOOPBACK, port);
    await mailbox.recv(100);
    await mailbox.recv(100);
    expect(said()).toEqual(["datagram postman taken mailbox inferred"]);
    other.close();
  });
});

describe("a Unix-domain client without a name", () => {
  let path = "";
  const others: Stream[] = [];
  afterEach(() => {
    for (const other of others.splice(0)) other.destroy();
  });

  async function strangerConnects(): Promise<void> {
    const other = connect(path);
    others.push(other);
    await once(other, "connect");
  }

  function server() {
    path = join(temporaryOfTest(), "server");
    const handle = socket("server", AF_UNIX, SOCK_STREAM);
    handle.bind(path);
    handle.listen();
    return handle;
  }
  async function ours(name: string) {
    const handle = socket(name, AF_UNIX, SOCK_STREAM);
    await handle.connect(path);
    return handle;
  }

  it.each([
    ["before", [strangerConnects, ours]],
    ["after", [ours, strangerConnects]],
  ])("a stranger has connected %s it: nothing is said of either, also not what they send", async (_, connects) => {
    const listening = server();
    for (const one of connects) await one("client");
    for (let i = 0; i < 2; i++) await listening.accept();
    expect(said()).toEqual([]);
  });

  it("where the queue was empty in between, each of the record is known", async () => {
    const listening = server();
    const first = await ours("client");
    await listening.accept();
    const waiting = listening.accept();
    await turn();
    await strangerConnects();
    await waiting;
    await first.send("x");
    const later = await ours("later");
    await listening.accept();
    await later.send("y");
    expect(said().filter((words) => words.startsWith("connection"))).toEqual([
      "connection client taken server inferred",
      "connection later taken server inferred",
    ]);
  });
});

describe("a second descriptor of a handle's socket", () => {
  it("receives what was sent to the socket", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    const again = calls.dup(mailbox.fd);
    await postman().sendto("by the other number", LOOPBACK, port);
    calls.recvfrom(again, Buffer.alloc(100));
    expect(said()).toEqual(["datagram postman taken mailbox observed"]);
    calls.close(again);
  });

  it("sends from the socket's address, and keeps it open", async () => {
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    const sender = box("sender", LOOPBACK, choosePort());
    const again = calls.dup(sender.fd);
    sender.close();
    calls.sendto(again, "still here", { family: "AF_INET", address: LOOPBACK, port });
    await mailbox.recvfrom();
    expect(said()).toEqual([`datagram fd ${again} taken mailbox observed`]);
    const behind = calls.dup(mailbox.fd);
    calls.sendto(again, "for whoever has it open", { family: "AF_INET", address: LOOPBACK, port });
    mailbox.close();
    calls.recvfrom(behind, Buffer.alloc(100));
    expect(said()).toHaveLength(2);
    for (const fd of [again, behind]) calls.close(fd);
  });
});

describe("the error queue tells", () => {
  it("which datagram found nobody", async () => {
    const [here, there] = [choosePort(), choosePort()];
    const sender = postman("sender");
    sender.setsockopt(IP_RECVERR, true);
    for (const [text, port] of [
      ["first", here],
      ["second", there],
    ] as const)
      await sender.sendto(text, LOOPBACK, port).catch(() => sender.sendto(text, LOOPBACK, port));
    calls.recvmsg(sender.fd, Buffer.alloc(100), MSG_ERRQUEUE);
    expect(said()).toEqual([
      "datagram sender lost nobody observed nobody has the port",
      "datagram sender outside nobody inferred",
    ]);
    calls.recvmsg(sender.fd, Buffer.alloc(100), MSG_ERRQUEUE);
    expect(said()).toEqual(Array(2).fill("datagram sender lost nobody observed nobody has the port"));
  });
});
