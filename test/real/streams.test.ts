import { randomBytes } from "node:crypto";
import {
  calls,
  type Handle,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_LINGER,
  SO_SNDBUF,
  SOCK_STREAM,
  socket,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_INTERNET, EACH_KIND, removePaths } from "../support/kinds.js";
import { codeOf, rejectionCode } from "../support/outcome.js";
import { listening, streamPair } from "../support/pairs.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { seeded } from "../unit/bytes/random.js";

guardDescriptors();
removePaths();

/** Receives until there are so many bytes, or the end. */
async function receive(handle: Handle, length: number, atMost: () => number = () => 65_536): Promise<Buffer> {
  const parts: Buffer[] = [];
  let got = 0;
  while (got < length) {
    const part = await handle.recv(atMost());
    if (part.byteLength === 0) break;
    parts.push(part);
    got += part.byteLength;
  }
  return Buffer.concat(parts);
}

/** Fills the buffers until nothing more fits, and returns how many bytes that took. */
async function fill(handle: Handle): Promise<number> {
  const block = Buffer.alloc(65_536, "x");
  let total = 0;
  for (;;) {
    try {
      total += await handle.send(block, 0, { timeout: 0 });
    } catch {
      return total;
    }
  }
}

describe.each(POLLERS)("%s", (poller) => {
  waitWith(poller);
  describe.each(EACH_KIND)("%s", (_, kind) => {
    test("S1, S2: a stream has no messages: two sends come as one, and one comes in parts", async () => {
      const { client, server } = await streamPair(kind);
      expect([await client.send("ab"), await client.send("cd")]).toEqual([2, 2]);
      expect(`${await server.recv()}`).toBe("abcd");
      await client.send("abcdef");
      expect(`${await server.recv(4)}`).toBe("abcd");
      expect(`${await server.recv(4)}`).toBe("ef");
    });

    test("S3: the end is received again and again", async () => {
      const { client, server } = await streamPair(kind);
      await client.send("last");
      client.close();
      expect(`${await server.recv()}`).toBe("last");
      for (let i = 0; i < 3; i++) expect((await server.recv()).byteLength).toBe(0);
    });

    test("S13: full buffers: send waits, sendAll goes on as the peer reads, nothing is lost", async () => {
      const { client, server } = await streamPair(kind);
      const before = await fill(client);
      expect(before).toBeGreaterThan(100_000);
      const data = randomBytes(500_000);
      let sent = false;
      const sending = client.sendAll(data).then(() => {
        sent = true;
      });
      const all = await receive(server, before + data.byteLength);
      await sending;
      expect(sent).toBe(true);
      expect(all.subarray(before).equals(data)).toBe(true);
    });

    test("S15: 1 MB both ways at once, random chunks, small buffers", async () => {
      const { client, server } = await streamPair(kind);
      for (const end of [client, server]) end.setsockopt(SO_SNDBUF, 5000);
      const next = seeded(15);
      const there = randomBytes(1_000_000);
      const back = randomBytes(1_000_000);
      const chunks = async (from: Handle, data: Buffer) => {
        for (let at = 0; at < data.byteLength; ) {
          const end = Math.min(at + 1 + next(65_535), data.byteLength);
          await from.sendAll(data.subarray(at, end));
          at = end;
        }
      };
      const [, , gotThere, gotBack] = await Promise.all([
        chunks(client, there),
        chunks(server, back),
        receive(server, there.byteLength, () => 1 + next(65_535)),
        receive(client, back.byteLength, () => 1 + next(65_535)),
      ]);
      expect(gotThere.equals(there)).toBe(true);
      expect(gotBack.equals(back)).toBe(true);
    });

    test("S19: 1,000 rounds of ping and pong", async () => {
      const { client, server } = await streamPair(kind);
      const answering = (async () => {
        for await (const data of server) await server.sendAll(data);
      })();
      for (let i = 0; i < 1000; i++) {
        await client.send(`ping ${i}`);
        expect(`${await client.recv()}`).toBe(`ping ${i}`);
      }
      client.close();
      await answering;
    });
  });

  test("two sendAll at once do not mix their bytes", async () => {
    const { client, server } = await streamPair();
    const [a, b] = [Buffer.alloc(5_000_000, "a"), Buffer.alloc(5_000_000, "b")];
    const sending = Promise.all([client.sendAll(a), client.sendAll(b), client.send("c")]);
    const got = await receive(server, 10_000_001);
    await sending;
    expect(got.equals(Buffer.concat([a, b, Buffer.from("c")]))).toBe(true);
  });
});

test("S4: recv of 0 bytes is empty, and is not the end", async () => {
  const { client, server } = await streamPair();
  await client.send("x");
  expect((await server.recv(0)).byteLength).toBe(0);
  expect(`${await server.recv()}`).toBe("x");
});

describe.each(EACH_INTERNET)("%s", (_, kind) => {
  test("S5: the peer closes with unread data: ECONNRESET once, then the end; send is EPIPE", async () => {
    const { client, server } = await streamPair(kind);
    await client.send("never read");
    server.close();
    expect(await rejectionCode(client.recv())).toBe("ECONNRESET");
    expect((await client.recv()).byteLength).toBe(0);
    expect(await rejectionCode(client.send("x"))).toBe("EPIPE");
  });

  test("S6: the peer has closed: the first send is accepted, the second is EPIPE", async () => {
    const { client, server } = await streamPair(kind);
    server.close();
    expect(await client.send("x")).toBe(1);
    expect(await rejectionCode(client.send("x"))).toBe("EPIPE");
  });

  test("S7: the peer resets: whoever calls first is told, then send is EPIPE and recv the end", async () => {
    const reset = async () => {
      const { client, server } = await streamPair(kind);
      server.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
      server.close();
      return client;
    };
    const first = await reset();
    expect(await rejectionCode(first.send("x"))).toBe("ECONNRESET");
    expect(await rejectionCode(first.send("x"))).toBe("EPIPE");
    expect((await first.recv()).byteLength).toBe(0);
    first.close();
    const second = await reset();
    expect(await rejectionCode(second.recv())).toBe("ECONNRESET");
    expect((await second.recv()).byteLength).toBe(0);
  });

  test("S8, S9: before connect, and on a listening socket: send is EPIPE, recv ENOTCONN", async () => {
    const fresh = socket("fresh", kind.family, SOCK_STREAM);
    const { server } = listening(kind);
    for (const handle of [fresh, server]) {
      expect(await rejectionCode(handle.send("x"))).toBe("EPIPE");
      expect(await rejectionCode(handle.recv())).toBe("ENOTCONN");
      expect(await rejectionCode(handle.recvfrom())).toBe("ENOTCONN");
      expect(codeOf(() => handle.getpeername())).toBe("ENOTCONN");
    }
    expect(codeOf(() => fresh.shutdown(SHUT_WR))).toBe("ENOTCONN");
  });

  test("S11: shutdown twice works; after the peer is gone too it is ENOTCONN", async () => {
    const { client, server } = await streamPair(kind);
    client.shutdown(SHUT_WR);
    client.shutdown(SHUT_WR);
    expect((await server.recv()).byteLength).toBe(0);
    server.close();
    expect((await client.recv()).byteLength).toBe(0);
    expect(codeOf(() => client.shutdown(SHUT_WR))).toBe("ENOTCONN");
  });

  test("S12: after SHUT_RD an empty queue is the end, but Linux still delivers what comes later", async () => {
    const { client, server } = await streamPair(kind);
    server.shutdown(SHUT_RD);
    expect((await server.recv()).byteLength).toBe(0);
    await client.send("x");
    expect(`${await server.recv()}`).toBe("x");
    expect((await server.recv()).byteLength).toBe(0);
  });

  test("S18: an urgent byte overtakes, and the stream goes on", async () => {
    const { client, server } = await streamPair(kind);
    await client.send("ab");
    await client.send("!", MSG_OOB);
    await client.send("cd");
    expect(`${await server.recv(16, MSG_OOB)}`).toBe("!");
    expect(`${await server.recv()}${await server.recv()}`).toBe("abcd");
  });

  test("MSG_TRUNC on a stream throws bytes away, and shows nothing of what was received before", async () => {
    const { client, server } = await streamPair(kind);
    await client.send("secret");
    await server.recv();
    await client.send("abcdef");
    expect((await server.recv(4, MSG_TRUNC)).toString("latin1")).toBe("\0\0\0\0");
    expect(`${await server.recv()}`).toBe("ef");
  });
});

describe.each(EACH_KIND)("%s", (_, kind) => {
  test("S10: after SHUT_WR: own send is EPIPE, the peer receives the end, the other direction works", async () => {
    const { client, server } = await streamPair(kind);
    client.shutdown(SHUT_WR);
    expect(await rejectionCode(client.send("x"))).toBe("EPIPE");
    expect((await server.recv()).byteLength).toBe(0);
    await server.send("still");
    expect(`${await client.recv()}`).toBe("still");
  });

  test("shutdown ends a recv that waits", async () => {
    const { client, server } = await streamPair(kind);
    const waiting = server.recv();
    client.shutdown(SHUT_RDWR);
    expect((await waiting).byteLength).toBe(0);
  });

  test("S17: MSG_PEEK leaves the byte in the queue; then it is empty", async () => {
    const { client, server } = await streamPair(kind);
    await client.send("x");
    expect(`${await server.recv(10, MSG_PEEK)}${await server.recv()}`).toBe("xx");
    expect(codeOf(() => calls.recv(server.fd, Buffer.alloc(1), 1, MSG_DONTWAIT))).toBe("EAGAIN");
  });

  test("S20: every byte arrives unchanged; UTF-8 that is cut in two is whole again", async () => {
    const { client, server } = await streamPair(kind);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await client.sendAll(bytes);
    expect((await server.recv()).equals(bytes)).toBe(true);
    await client.send("äöü☺");
    const parts = [await server.recv(3), await server.recv(6)];
    const decoder = new TextDecoder();
    expect(parts.map((part) => decoder.decode(part, { stream: true })).join("")).toBe("äöü☺");
  });

  test("what is received is the caller's own: the next recv does not change it", async () => {
    const { client, server } = await streamPair(kind);
    await client.send("first");
    const first = await server.recv();
    await client.send("other");
    await server.recv();
    expect(`${first}`).toBe("first");
  });

  test("more than 65,536 bytes in one recv", async () => {
    const { client, server } = await streamPair(kind);
    const data = randomBytes(100_000);
    await client.sendAll(data);
    const got = await server.recv(200_000);
    expect(got.equals(data.subarray(0, got.byteLength))).toBe(true);
    expect((await receive(server, data.byteLength - got.byteLength)).equals(data.subarray(got.byteLength))).toBe(true);
  });
});

test("S13: without a reader, sendAll gives up with the count of what is sent", async () => {
  const { client } = await streamPair();
  const before = await client.send(Buffer.alloc(20_000_000));
  expect(before).toBeLessThan(20_000_000);
  const error = await client.sendAll(Buffer.alloc(10_000_000), { timeout: 20 }).catch((reason) => reason);
  expect(error).toMatchObject({ name: "TimeoutError", handle: "client" });
  expect(error.message).toMatch(
    /waited 20 ms and the other end has not read: the buffers are full\. Run .* receives\. The system took (none|\d+) of the 10000000 bytes/,
  );
});

test("for await receives until the end", async () => {
  const { client, server } = await streamPair();
  const got = (async () => {
    let text = "";
    for await (const data of server) text += data;
    return text;
  })();
  for (const part of ["one ", "two ", "three"]) await client.send(part);
  client.close();
  expect(await got).toBe("one two three");
});

test("what for await has ended stays ended: when it was left, at the end of the stream, and after an error", async () => {
  const { client, server } = await streamPair();
  await client.send("first");
  const arrivals = server[Symbol.asyncIterator]();
  for await (const data of arrivals) {
    expect(String(data)).toBe("first");
    break;
  }
  await client.send("second");
  expect(await arrivals.next()).toEqual({ done: true, value: undefined });
  expect(String(await server.recv())).toBe("second");

  const both = server[Symbol.asyncIterator]();
  const asked = [both.next(), both.next()];
  await client.send("third");
  client.close();
  expect(await asked[0]).toEqual({ done: false, value: Buffer.from("third") });
  expect(await asked[1]).toEqual({ done: true, value: undefined });
  expect(await both.next()).toEqual({ done: true, value: undefined });

  const failing = server[Symbol.asyncIterator]();
  server.close();
  await expect(failing.next()).rejects.toMatchObject({ name: "ClosedError" });
  expect(await failing.next()).toEqual({ done: true, value: undefined });
});
