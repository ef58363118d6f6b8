import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  LOOPBACK,
  LOOPBACK6,
  MSG_PEEK,
  type OtherProcess,
  otherProcess,
  SHUT_WR,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TCP_INFO,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { freshPath, removePaths } from "../support/kinds.js";
import { rejectionCode, rejectionOf } from "../support/outcome.js";
import { listeningIn, pairWith } from "../support/rival.js";
import { PATIENCE_MS } from "../support/time.js";

guardDescriptors();
removePaths();

let rival: OtherProcess;
beforeEach(async () => {
  rival = await otherProcess("rival");
});
afterEach(() => rival.stop());

describe("the handles of another process have the methods of a handle", () => {
  test("both sides of a connection", async () => {
    const { taken, port, mine, theirs } = await pairWith(rival);
    expect([theirs.name, theirs.pid, taken.pid]).toEqual(["taken→1", rival.pid, rival.pid]);
    expect(await mine.send("hello")).toBe(5);
    expect(`${await theirs.recv(1024, MSG_PEEK)}`).toBe("hello");
    expect(await theirs.recv(1024)).toEqual(Buffer.from("hello"));
    expect(await theirs.send("back")).toBe(4);
    expect(`${await mine.recv()}`).toBe("back");
    expect(await theirs.getpeername()).toEqual(mine.getsockname());
    expect((await theirs.getsockname()).port).toBe(port);
    expect((await theirs.getsockopt(TCP_INFO)).state).toBe("ESTABLISHED");
    await theirs.setsockopt(SO_LINGER, { onoff: true, linger: 3 });
    expect(await theirs.getsockopt(SO_LINGER)).toEqual({ onoff: true, linger: 3 });
    await theirs.setsockopt(SO_RCVBUF, 5000);
    expect(await theirs.getsockopt(SO_RCVBUF)).toBe(10_000);
    await theirs.shutdown(SHUT_WR);
    expect(await mine.recv()).toHaveLength(0);
    await theirs.close();
    expect(theirs.closed).toBe(true);
    const caller = await rival.socket("caller", AF_INET, SOCK_STREAM);
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.listen();
    await caller.connect(LOOPBACK, server.getsockname().port, { timeout: PATIENCE_MS });
    expect((await server.accept()).name).toBe("server→1");
  });

  test("datagrams, truncated ones too, over IPv4, IPv6 and a path", async () => {
    const path = freshPath();
    for (const [family, place] of [
      [AF_INET, [LOOPBACK, 0]],
      [AF_INET6, [LOOPBACK6, 0]],
      [AF_UNIX, [path]],
    ] as const) {
      const box = await rival.socket("box", family, SOCK_DGRAM);
      await box.bind(place[0], place[1]);
      const { port } = await box.getsockname();
      const mine = socket("mine", family, SOCK_DGRAM);
      mine.bind(...((family === AF_UNIX ? [freshPath()] : [place[0], 0]) as [string, number?]));
      await mine.sendto("a datagram", place[0], family === AF_UNIX ? undefined : port);
      const { data, from, truncated } = await box.recvfrom(4);
      expect([`${data}`, truncated]).toEqual(["a da", true]);
      expect(from).toEqual(mine.getsockname());
      await box.sendto(Buffer.from([1, 2, 3]), from.address, family === AF_UNIX ? undefined : from.port);
      expect(await mine.recv()).toEqual(Buffer.from([1, 2, 3]));
    }
  });

  test("1 MB each way, byte for byte; what was given to send can be changed at once", async () => {
    const { mine, theirs } = await pairWith(rival);
    const data = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) % 251));
    const given = Buffer.from(data);
    const sending = theirs.sendAll(given);
    given.fill(0);
    const got: Buffer[] = [];
    for (let count = 0; count < data.length; count += got.at(-1)!.length) got.push(await mine.recv());
    await sending;
    expect(Buffer.concat(got).equals(data)).toBe(true);
    const back = mine.sendAll(data);
    const there: Buffer[] = [];
    for (let count = 0; count < data.length; count += there.at(-1)!.length) there.push(await theirs.recv());
    await back;
    expect(Buffer.concat(there).equals(data)).toBe(true);
    expect(there[0]!.buffer.byteLength).toBeLessThan(2 * there[0]!.byteLength + 10_000);
  });

  test("every method returns a promise, also for wrong arguments", async () => {
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    const wrong: [action: () => Promise<unknown>, kind: typeof TypeError | typeof RangeError][] = [
      [() => taken.bind("300.0.0.1", 1), TypeError],
      [() => taken.bind(LOOPBACK, 65_536), RangeError],
      [() => taken.listen("5" as never), TypeError],
      [() => taken.accept({ timeout: -1 }), RangeError],
      [() => taken.accept({ signal: 5 as never }), TypeError],
      [() => taken.connect(LOOPBACK, undefined, { timeout: "5" as never }), TypeError],
      [() => taken.send(5 as never), TypeError],
      [() => taken.sendAll({} as never), TypeError],
      [() => taken.recv(-1), RangeError],
      [() => taken.sendto("x", "nowhere", 5), TypeError],
      [() => taken.recvfrom(1.5), RangeError],
      [() => taken.shutdown((() => 5) as never), TypeError],
      [() => taken.setsockopt(SO_RCVBUF, "5" as never), TypeError],
      [() => rival.socket("", AF_INET, SOCK_STREAM), TypeError],
      [() => rival.socket("x", Symbol("x") as never, SOCK_STREAM), TypeError],
    ];
    for (const [action, kind] of wrong) {
      const promise = action();
      expect(promise, `${action}`).toBeInstanceOf(Promise);
      expect(await rejectionOf(promise), `${action}`).toBeInstanceOf(kind);
    }
  });
});

describe("a handle of another process is used as a handle is", () => {
  const membersOf = (handle: object): string[] => {
    const prototype = Object.getPrototypeOf(handle) as object;
    return Reflect.ownKeys(prototype)
      .map((key) => String(key))
      .sort();
  };

  test("it has the same members, and its process's number", async () => {
    const { mine, theirs } = await pairWith(rival);
    expect(membersOf(mine).length).toBeGreaterThan(20);
    expect(membersOf(theirs)).toEqual([...membersOf(mine), "pid"].sort());
  });

  test("for await receives until the peer closes, without a deadline", async () => {
    const { mine, theirs } = await pairWith(rival);
    const received = (async () => {
      let text = "";
      for await (const data of theirs) {
        expect(data).toBeInstanceOf(Buffer);
        text += String(data);
      }
      return text;
    })();
    await mine.send("one ");
    await theirs.getsockname();
    await mine.send("two");
    mine.shutdown(SHUT_WR);
    expect(await received).toBe("one two");
    const steps = trace.steps().filter(({ handle, name }) => handle === "taken→1" && name === "recv");
    expect(steps.at(-1)!.outcome).toEqual({ result: 0 });
  });

  test("for await over datagrams does not end with an empty one", async () => {
    const mailbox = await rival.socket("mailbox", AF_INET, SOCK_DGRAM);
    await mailbox.bind(LOOPBACK, 0);
    const { port } = await mailbox.getsockname();
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    for (const text of ["one", "", "three"]) await sender.sendto(text, LOOPBACK, port);
    const got: string[] = [];
    for await (const data of mailbox) {
      got.push(`${data}`);
      if (got.length === 3) break;
    }
    expect(got).toEqual(["one", "", "three"]);
  });

  test("for await that is left early loses nothing, and an error ends it", async () => {
    const { mine, theirs } = await pairWith(rival);
    await mine.send("first");
    for await (const data of theirs) {
      expect(String(data)).toBe("first");
      break;
    }
    await mine.send("second");
    expect(String(await theirs.recv())).toBe("second");
    const ends = rejectionOf(async () => {
      for await (const _ of theirs);
    });
    mine.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    mine.close();
    expect(await ends).toMatchObject({ code: "ECONNRESET", handle: "taken→1" });
  });

  test("its asyncDispose closes it, once", async () => {
    const { theirs } = await pairWith(rival);
    const dispose = (theirs as unknown as Record<symbol, () => Promise<void>>)[Symbol.asyncDispose]!;
    await dispose.call(theirs);
    expect(theirs.closed).toBe(true);
    expect(await printed(() => dispose.call(theirs))).toEqual([]);
  });
});

describe("names", () => {
  test("one that is open in that process is closed first, with what it accepted; one of this process is not", async () => {
    const { taken, theirs } = await pairWith(rival);
    const mine = socket("taken", AF_INET, SOCK_STREAM);
    const lines = await printed(async () => void (await rival.socket("taken", AF_INET, SOCK_STREAM)));
    expect(lines.map((line) => line.replace(/\d+/g, "N"))).toEqual([
      "taken→N       close(N) = N",
      "taken         close(N) = N",
      "taken         socket(AF_INET, SOCK_STREAM) = N",
    ]);
    expect([taken.closed, theirs.closed, mine.closed]).toEqual([true, true, false]);
    expect(await rejectionCode(taken.listen())).toBe("EBADF");
  });

  test("a handle shows what it is", async () => {
    const { taken, port } = await listeningIn(rival);
    expect(`${taken}`).toBe(
      `taken: fd ${taken.fd} of process ${rival.pid} (rival), AF_INET SOCK_STREAM, local 127.0.0.1:${port}, peer none`,
    );
    expect(`${rival}`).toBe(`rival: process ${rival.pid} running, "taken"`);
    await taken.close();
    expect(`${taken}`).toMatch(/ SOCK_STREAM \[closed\]$/);
    expect(`${rival}`).toBe(`rival: process ${rival.pid} running, no open handles`);
  });

  test("what is no data is refused with its place", async () => {
    const { taken } = await listeningIn(rival);
    const wrong: [call: () => Promise<unknown>, words: string][] = [
      [
        () => taken.setsockopt(SO_RCVBUF, (() => {}) as never),
        "Argument 2 of setsockopt() is a function that cannot go",
      ],
      [() => taken.listen(Symbol("five") as never), "Argument 1 of listen() is Symbol(five) that cannot go"],
      [
        () => taken.bind(LOOPBACK, new SharedArrayBuffer(8) as never),
        "Argument 2 of bind() is an object that cannot go",
      ],
    ];
    for (const [call, words] of wrong) {
      const error = await rejectionOf(call);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(words);
    }
  });

  test("the same handle is the same object", async () => {
    const { taken } = await pairWith(rival);
    const again = socket("again", AF_INET, SOCK_STREAM);
    await again.connect(LOOPBACK, (await taken.getsockname()).port);
    const second = await taken.accept();
    expect(second.name).toBe("taken→2");
    expect(second).not.toBe(taken);
  });
});
