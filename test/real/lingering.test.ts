import * as helpers from "kernel-helpers";
import { closeAll, SO_LINGER, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, trace } from "kernel-helpers";
import { exactText } from "kernel-helpers/dist/calls/index.js";
import { afterEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
import { connected, fill, listening, rawPair, streamPair } from "../support/pairs.js";

/*
 * close(2) with SO_LINGER and time left waits on Linux until the peer has acknowledged everything, also for a socket that does not block
 * (socket(7); tried). What would wait for an hour is tried in a program of its own.
 */

guardDescriptors();
removePaths();
trace.off();
afterEach(closeAll);

const HOUR = { onoff: true, linger: 3600 };

test("it is said, and that the system goes on is so; the exact trace has what is done", async () => {
  const { client, server } = await streamPair();
  client.setsockopt(SO_LINGER, { onoff: true, linger: 5 });
  await fill(client);
  const fd = client.fd;
  const lines = await printed(() => client.close(), "exact");
  expect(paragraphs(lines)).toEqual([
    `client        setsockopt(${fd}, SOL_SOCKET, SO_LINGER, {l_onoff=0, l_linger=5}, 8) = 0`,
    `client        close(${fd}) = 0`,
    "              With SO_LINGER close() would wait up to 5 s for the other end, and the whole notebook with it: it was switched off first. The system goes on sending what is on its way.",
  ]);
  let got = 0;
  for await (const data of server) got += data.byteLength;
  expect(got).toBeGreaterThan(100_000);
});

describe("nothing is said or changed where close does not wait", () => {
  const closes = async (handle: helpers.Handle): Promise<string[]> => {
    trace.clear();
    expect(paragraphs(await printed(() => handle.close())).filter((line) => line.startsWith(" "))).toEqual([]);
    return trace
      .records()
      .map(exactText)
      .filter((line) => line.startsWith("setsockopt"));
  };

  test("zero seconds: the connection is reset", async () => {
    const { client, server } = await streamPair();
    client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    expect(await closes(client)).toEqual([]);
    await expect(server.recv()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("a listener, a socket that was never connected, one whose peer has its end, datagrams and Unix-domain sockets", async () => {
    const { server, place } = listening();
    const client = await connected(place);
    const accepted = await server.accept();
    const fresh = helpers.socket("fresh", helpers.AF_INET, SOCK_STREAM);
    const datagrams = helpers.socket("datagrams", helpers.AF_INET, SOCK_DGRAM);
    const path = listening(KINDS.AF_UNIX, 1, "path").place;
    const unix = await connected(path, KINDS.AF_UNIX, "unix");
    client.shutdown(helpers.SHUT_WR);
    expect((await accepted.recv()).byteLength).toBe(0);
    await expect.poll(() => client.getsockopt(helpers.TCP_INFO).state).toBe("FIN_WAIT2");
    for (const handle of [server, fresh, client, datagrams, unix]) {
      handle.setsockopt(SO_LINGER, HOUR);
      expect(await closes(handle), handle.name).toEqual([]);
    }
  });
});

describe("close on a number", () => {
  test("waits as in C, for as long as SO_LINGER says and no longer than ten seconds", () => {
    for (const [asked, wanted] of [
      [1, []],
      [3600, [10]],
      [-1, [10]],
    ] as const) {
      const [near, far] = rawPair();
      helpers.calls.setsockopt(near, SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, asked).buffer));
      trace.clear();
      helpers.calls.close(near);
      const set = trace
        .records()
        .map(exactText)
        .filter((line) => line.startsWith("setsockopt"));
      expect(set).toEqual(
        wanted.map((seconds) => `setsockopt(${near}, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=${seconds}}, 8) = 0`),
      );
      helpers.calls.close(far);
    }
  });
});
