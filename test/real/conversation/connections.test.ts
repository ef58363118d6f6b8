import { createSocket } from "node:dgram";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ANY,
  ANY6,
  calls,
  choosePort,
  type Handle,
  IPV6_V6ONLY,
  LOOPBACK,
  LOOPBACK6,
  MSG_DONTWAIT,
  MSG_OOB,
  otherProcess,
  SHUT_WR,
  SO_LINGER,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { describe, expect, it } from "vitest";
import * as internals from "../../../kernel-helpers/dist/calls/index.js";
import { fromSteps, readConversation } from "../../../kernel-helpers/dist/conversation/index.js";
import { queues } from "../../../kernel-helpers/dist/notebook/queues.js";
import { takeSnapshot } from "../../../kernel-helpers/dist/notebook/snapshot.js";
import { foreignNetworks } from "../../../kernel-helpers/dist/processes/networks.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { deadPort } from "../../support/pairs.js";
import { box, client, freshRecord, listener, postman, takeAll } from "../../support/speakers.js";
import { temporaryOfTest } from "../../support/temporary.js";
import { accepted, Truth } from "../../support/truth.js";

guardDescriptors();

freshRecord();

describe("connections", () => {
  it("two listeners with SO_REUSEPORT: each accept is of the client whose bytes it receives", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const listeners = ["one", "two"].map((name) => listener(name, LOOPBACK, port, SO_REUSEPORT));
    const clients = await Promise.all(Array.from({ length: 8 }, (_, n) => client(`client ${n}`, LOOPBACK, port)));
    // As long as nobody has accepted, nobody knows in whose queue they wait.
    expect((await truth.judge([])).model.links).toEqual([]);
    for (const one of clients) await truth.send(one);
    await takeAll(truth, listeners);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model).filter((line) => line.endsWith("observed"))).toHaveLength(8);
    expect(model.links.filter(({ cargo, fate }) => cargo === "bytes" && fate === "taken")).toHaveLength(8);
  });

  it("a connect to 0.0.0.0 goes to the machine itself", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const here = listener("here", LOOPBACK, port);
    listener("there", "127.0.0.2", port);
    const one = await client("one", ANY, port);
    await truth.send(one);
    const { model } = await truth.judge([]);
    expect(model.links.map(({ fate, socket: at }) => `${fate} ${model.sockets[at!]!.handle}`)).toEqual([
      "queued here",
      "queued here",
    ]);
    await takeAll(truth, [here]);
    expect((await truth.judge([])).wrong).toEqual([]);
  });

  it("a connect to 0.0.0.0 from an address of its own goes to that one, on Linux", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    listener("here", LOOPBACK, port);
    const there = listener("there", "127.0.0.2", port);
    const one = socket("one", AF_INET, SOCK_STREAM);
    one.bind("127.0.0.2", 0);
    await one.connect(ANY, port);
    await truth.send(one);
    const { model } = await truth.judge([]);
    expect(model.links.map(({ fate, socket: at }) => `${fate} ${model.sockets[at!]!.handle}`)).toEqual([
      "queued there",
      "queued there",
    ]);
    await takeAll(truth, [there]);
    const after = await truth.judge([]);
    expect(after.wrong).toEqual([]);
    expect(accepted(after.model)).toEqual(["one → there→1 observed"]);
  });

  it("a connection that was taken back (AF_UNSPEC), and another one of the same socket: each has its own bytes and its own end", async () => {
    const truth = new Truth(false);
    const [first, second] = [listener("first", LOOPBACK, choosePort()), listener("second", LOOPBACK, choosePort())];
    const one = await client("one", LOOPBACK, first.getsockname().port);
    await truth.send(one);
    const broken = await first.accept();
    await truth.read(broken);
    calls.connect(one.fd, { family: "AF_UNSPEC" });
    await one.connect(LOOPBACK, second.getsockname().port);
    await truth.send(one);
    await truth.read(await second.accept());
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model)).toEqual(["one → first→1 observed", "one → second→1 observed"]);
    const bytes = model.links.filter(({ cargo }) => cargo === "bytes");
    expect(bytes.map(({ fate, known, socket: at }) => `${fate} ${known} ${model.sockets[at!]!.handle}`)).toEqual([
      "taken observed first→1",
      "taken observed second→1",
    ]);
    const [reset] = model.links.filter(({ cargo }) => cargo === "RST");
    expect([model.sockets[reset!.socket!]!.handle, reset!.because]).toEqual([
      "first→1",
      expect.stringContaining("AF_UNSPEC"),
    ]);
    expect(await broken.recv().catch(({ code }) => code)).toBe("ECONNRESET");
  });

  it("a number that asks twice how its connect goes has made one connection, or none", async () => {
    const there = listener("there", LOOPBACK, choosePort());
    const nobody = deadPort();
    const links = (fd: number, port: number) => {
      for (let n = 0; n < 2; n++) {
        try {
          calls.connect(fd, { family: "AF_INET", address: LOOPBACK, port });
        } catch {}
        calls.poll([{ fd, events: 4 }], 5000);
      }
      const { calls: made, links } = readConversation({ steps: fromSteps(trace.steps(), internals) });
      return links
        .filter(({ cargo, from }) => cargo === "connection" && made[from!]!.step.fd === fd)
        .map(({ fate }) => fate);
    };
    const fds = [
      calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK),
      calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK),
    ] as const;
    expect(links(fds[0], there.getsockname().port)).toEqual(["queued"]);
    expect(links(fds[1], nobody)).toEqual(["lost"]);
    for (const fd of fds) calls.close(fd);
  });

  it("the words say why a connection is broken", async () => {
    const because = async (end: (one: Handle, other: Handle) => unknown) => {
      trace.clear();
      const server = listener("server", LOOPBACK, choosePort());
      const one = await client("one", LOOPBACK, server.getsockname().port);
      await end(one, await server.accept());
      const { links } = readConversation({ steps: fromSteps(trace.steps(), internals) });
      return links.filter(({ cargo }) => cargo === "RST").map(({ because }) => because);
    };
    expect(
      await because((one) => {
        one.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
        one.close();
      }),
    ).toEqual([expect.stringContaining("SO_LINGER")]);
    expect(
      await because(async (one, other) => {
        await other.send("unread");
        one.close();
      }),
    ).toEqual([expect.stringContaining("unread bytes")]);
    expect(await because((one) => calls.connect(one.fd, { family: "AF_UNSPEC" }))).toEqual([
      expect.stringContaining("AF_UNSPEC"),
    ]);
  });

  it("a port, and a name, that another listener had before: nothing goes back to the old one", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const old = listener("server", LOOPBACK, port);
    const first = await client("client", LOOPBACK, port);
    await truth.send(first);
    const conversation = await old.accept();
    await truth.read(conversation);
    old.close();
    const fresh = listener("server", LOOPBACK, port);
    const second = await client("client", LOOPBACK, port);
    await truth.send(second);
    await takeAll(truth, [fresh]);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model)).toEqual([
      "client → server→1 observed",
      expect.stringMatching(/^client → server→\d observed$/),
    ]);
  });

  it("a client whose name is used again while it waits: each accept is of its own", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const server = listener("server", LOOPBACK, port);
    for (let n = 0; n < 3; n++) await truth.send(await client("client", LOOPBACK, port));
    await takeAll(truth, [server]);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model)).toHaveLength(3);
  });

  it("a client's port that is used again: each accept is of its own", async () => {
    const truth = new Truth(false);
    const [port, own] = [choosePort(), choosePort()];
    const server = listener("server", LOOPBACK, port);
    const second = listener("second", LOOPBACK, choosePort());
    for (const to of [server, second]) {
      const one = socket(`to ${to.name}`, AF_INET, SOCK_STREAM);
      one.setsockopt(SO_REUSEADDR, true);
      one.bind(LOOPBACK, own);
      await one.connect(LOOPBACK, to.getsockname().port!);
      await truth.send(one);
    }
    await takeAll(truth, [second, server]);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model)).toEqual(["to second → second→1 observed", "to server → server→1 observed"]);
  });

  it("a socket that is connected takes in what its peer sends, and nothing else", async () => {
    const [house, caller, stranger] = [
      box("house", LOOPBACK, choosePort()),
      box("caller", LOOPBACK, choosePort()),
      postman("stranger"),
    ];
    const { port } = house.getsockname();
    await house.connect(LOOPBACK, caller.getsockname().port!);
    await stranger.sendto("an offer!", LOOPBACK, port);
    await caller.sendto("me again", LOOPBACK, port);
    expect(String(await house.recv(100))).toBe("me again");
    await expect(house.recv(100, MSG_DONTWAIT)).rejects.toMatchObject({ code: "EAGAIN" });
    const steps = fromSteps(trace.steps(), internals);
    const told = readConversation({ steps, ...queues(takeSnapshot()) });
    const name = (socket?: number) => (socket === undefined ? undefined : told.sockets[socket]!.handle);
    expect(told.links.map(({ fate, reason, socket, known }) => [fate, reason, name(socket), known])).toEqual([
      ["taken", undefined, "house", "observed"],
      ["lost", "not its peer", "house", "inferred"],
    ]);
  });

  it.each([
    ["another text than the peer's is the other one's", "only early", "late", ["early"]],
    // Each of the two can have sent it: it must not be drawn from the peer.
    ["of two with the same text nobody knows", "the same", "the same", []],
  ])("what came before a datagram socket was connected stays in its queue: %s", async (_, first, second, senders) => {
    const port = choosePort();
    const house = box("house", LOOPBACK, port);
    const [early, late] = [postman("early"), postman("late")];
    for (const one of [early, late]) one.bind(LOOPBACK, 0);
    await early.sendto(first, LOOPBACK, port);
    await house.connect(LOOPBACK, late.getsockname().port);
    await late.sendto(second, LOOPBACK, port);
    expect(`${await house.recv(100)}`).toBe(first);
    const { links, calls: all } = readConversation({ steps: fromSteps(trace.steps(), internals) });
    const taken = links.filter(({ fate }) => fate === "taken").map(({ from }) => all[from!]!.step.handle);
    expect(taken).toEqual(senders);
  });

  it("a call on the number of a handle's socket is a call on that socket, until it is closed", async () => {
    const port = choosePort();
    const house = box("house", LOOPBACK, port);
    await postman().sendto("by number", LOOPBACK, port);
    calls.recvfrom(house.fd, Buffer.alloc(100));
    const told = () => {
      const { links, calls: all } = readConversation({ steps: fromSteps(trace.steps(), internals) });
      const lane = (at?: number) => (at === undefined ? undefined : all[at]!.step.handle);
      return links.map(({ fate, from, to }) => [fate, lane(from), lane(to)]);
    };
    expect(told()).toEqual([["taken", "postman", "house"]]);
    // Closed by its number, it does not get what comes then; and the number is another socket's.
    const fd = house.fd;
    calls.close(fd);
    await postman("late").sendto("nobody is there", LOOPBACK, port);
    expect(told()).toEqual([
      ["taken", "postman", "house"],
      ["outside", "late", undefined],
    ]);
    const listener = socket("listener", AF_INET, SOCK_STREAM);
    listener.bind(LOOPBACK, 0);
    listener.listen();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, listener.getsockname().port);
    const accepted = calls.accept(listener.fd).fd;
    await client.send("hello");
    calls.recv(accepted, Buffer.alloc(100));
    expect(told()).toContainEqual(["taken", "client", "listener"]);
    expect(told()).toContainEqual(["taken", "client", `fd ${accepted}`]);
    calls.close(accepted);
  });

  it("a socket that is connected to itself receives its own bytes", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const narcissus = socket("narcissus", AF_INET, SOCK_STREAM);
    narcissus.bind(LOOPBACK, port);
    await narcissus.connect(LOOPBACK, port);
    await truth.send(narcissus);
    await truth.read(narcissus);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(model.links.map(({ cargo, fate, known }) => `${cargo} ${fate} ${known}`)).toEqual(["bytes taken observed"]);
  });

  it("IPv4 and IPv6 listeners of one port: each client is with its own", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const four = listener("four", ANY, port);
    const six = socket("six", AF_INET6, SOCK_STREAM);
    six.setsockopt(IPV6_V6ONLY, true);
    six.bind(ANY6, port);
    six.listen();
    for (const [name, address] of [
      ["a", LOOPBACK6],
      ["b", LOOPBACK],
    ] as const)
      await truth.send(await client(name, address, port));
    const before = (await truth.judge([])).model;
    const waiting = before.links.filter(({ cargo }) => cargo === "connection");
    expect(
      waiting.map(({ from, socket: at }) => `${before.calls[from!]!.step.handle} ${before.sockets[at!]!.handle}`),
    ).toEqual(["a six", "b four"]);
    await takeAll(truth, [four, six]);
    expect((await truth.judge([])).wrong).toEqual([]);
  });

  it("a path that was bound again, with clients in both queues", async () => {
    const truth = new Truth(false);
    const path = join(temporaryOfTest(), "server");
    const bound = (name: string): Handle => {
      const handle = socket(name, AF_UNIX, SOCK_STREAM);
      handle.bind(path);
      handle.listen();
      return handle;
    };
    const clients: Handle[] = [];
    const connects = async (name: string): Promise<void> => {
      const handle = socket(name, AF_UNIX, SOCK_STREAM);
      await handle.connect(path);
      clients.push(handle);
    };
    const old = bound("old");
    await connects("a");
    await connects("b");
    if (existsSync(path)) rmSync(path);
    const fresh = bound("fresh");
    await connects("c");
    for (const one of clients) await truth.send(one);
    await takeAll(truth, [fresh, old]);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(accepted(model).sort()).toEqual(["a → old→1 inferred", "b → old→2 inferred", "c → fresh→1 inferred"]);
  });

  it("what is sent after the end of the other direction belongs to the same connection", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const server = listener("server", LOOPBACK, port);
    const one = await client("one", LOOPBACK, port);
    await truth.send(one);
    one.shutdown(SHUT_WR);
    const [conversation] = await takeAll(truth, [server]);
    await truth.send(conversation!);
    await truth.read(one);
    const { model, wrong } = await truth.judge([]);
    expect(wrong).toEqual([]);
    expect(model.links.filter(({ cargo }) => cargo === "bytes")).toHaveLength(2);
  });

  it("a pair, and a second descriptor: the connection ends with the last one", () => {
    const [one, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
    const again = calls.dup(one);
    calls.send(again, "from the second descriptor");
    calls.close(again);
    calls.send(one, "from the first");
    const buffer = Buffer.alloc(100);
    const text = (length: number): string => buffer.toString("utf8", 0, length);
    expect(text(calls.recv(other, buffer, 26))).toBe("from the second descriptor");
    expect(text(calls.recv(other, buffer))).toBe("from the first");
    calls.close(one);
    expect(calls.recv(other, buffer)).toBe(0);
    calls.close(other);
    const { calls: all, links } = readConversation({ steps: fromSteps(trace.steps(), internals) });
    const told = links
      .filter(({ cargo }) => cargo !== "new socket")
      .map(
        ({ cargo, from, to, known }) =>
          `${cargo} ${all[from!]!.step.handle}.${all[from!]!.step.call} ${all[to!]!.step.handle} ${known}`,
      );
    expect(told).toEqual([
      `bytes fd ${again}.send fd ${other} observed`,
      `bytes fd ${one}.send fd ${other} observed`,
      `FIN fd ${one}.close fd ${other} observed`,
    ]);
  });

  it("a byte out of band is counted by nobody, so nothing is said of the bytes", async () => {
    const port = choosePort();
    const server = listener("server", LOOPBACK, port);
    const one = await client("one", LOOPBACK, port);
    const conversation = await server.accept();
    await one.send("abc!", MSG_OOB);
    await one.send("def");
    await conversation.recv(3);
    await conversation.recv(3);
    const { links } = readConversation({ steps: fromSteps(trace.steps(), internals) });
    expect(links.filter(({ cargo }) => cargo === "bytes")).toEqual([]);
  });

  it("programs that are not in the record are outside", async () => {
    const truth = new Truth(false);
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.bind(0, LOOPBACK, resolve));
    const port = choosePort();
    const mailbox = box("mailbox", LOOPBACK, port);
    await new Promise((resolve) => stranger.send("hello", port, LOOPBACK, resolve));
    await mailbox.recvfrom();
    await truth.sendto(postman(), LOOPBACK, stranger.address().port);
    stranger.close();
    const { model } = await truth.judge([]);
    expect(
      model.links.map(({ fate, known, from, to }) => `${fate} ${known} ${from === undefined} ${to === undefined}`),
    ).toEqual(["outside inferred true false", "outside inferred false true"]);
  });

  it("two own networks with the same addresses are other ends", async () => {
    const truth = new Truth(false);
    const port = choosePort();
    const labs = [await otherProcess("east", { network: "own" }), await otherProcess("west", { network: "own" })];
    const home = box("home", LOOPBACK, port);
    const boxes = [];
    for (const lab of labs) {
      const handle = await lab.socket(`box of ${lab.name}`, AF_INET, SOCK_DGRAM);
      await handle.bind(LOOPBACK, port);
      boxes.push(handle);
    }
    for (const lab of labs)
      await truth.sendto(await lab.socket(`postman of ${lab.name}`, AF_INET, SOCK_DGRAM), LOOPBACK, port);
    await truth.sendto(postman("postman here"), LOOPBACK, port);
    const more = { networks: foreignNetworks() };
    const { model } = await truth.judge([], more);
    expect(
      model.links
        .map(({ from, socket: at }) => `${model.calls[from!]!.step.handle} → ${model.sockets[at!]!.handle}`)
        .sort(),
    ).toEqual(["postman here → home", "postman of east → box of east", "postman of west → box of west"]);
    for (const one of [...boxes, home]) await truth.receive(one);
    expect((await truth.judge([], more)).wrong).toEqual([]);
    for (const lab of labs) await lab.stop();
  });
});
