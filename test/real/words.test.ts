import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  attempt,
  calls,
  choosePort,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_IF,
  LOOPBACK,
  ladder,
  MSG_DONTWAIT,
  MSG_OOB,
  otherProcess,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TCP_CONGESTION,
  trace,
} from "kernel-helpers";
import { formatSockaddr } from "kernel-helpers/dist/bytes/index.js";
import { shortText } from "kernel-helpers/dist/calls/index.js";
import { describe, expect, test, vi } from "vitest";
import { printed } from "../support/captured.js";
import { PROJECT } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";
import { datagram, rawPair, streamPair } from "../support/pairs.js";
import { temporaryOfTest } from "../support/temporary.js";

guardDescriptors();

describe("a length in the place of flags", () => {
  test.each([
    ["hello", 5, /MSG_OOB\|MSG_DONTROUTE/],
    [Buffer.alloc(3), 3, /MSG_OOB\|MSG_PEEK/],
    ["é1234", 5, /takes no length/],
    ["é1234", 6, /takes no length/],
  ] as const)("send(%o, %i) is refused, and nothing is sent", async (data, flags, words) => {
    const { client, server } = await streamPair();
    const { receiver, place } = datagram();
    trace.clear();
    const error = await rejectionOf(async () => client.send(data, flags));
    expect([error.name, error.message]).toEqual(["RangeError", expect.stringMatching(words)]);
    await expect(async () => receiver.sendto(data, ...(place as [string, number]), { flags })).rejects.toThrow(
      RangeError,
    );
    await expect(async () => client.sendmsg({ data }, flags)).rejects.toThrow(RangeError);
    expect(trace.steps()).toEqual([]);
    await client.send("x");
    expect(`${await server.recv()}`).toBe("x");
  });

  test("calls on numbers refuse it, too; a flag that happens to be the length is a flag", () => {
    const [client, server] = rawPair();
    expect(() => calls.send(client, "hello", 5, 5)).toThrow(RangeError);
    expect(() => calls.sendto(client, "hello", calls.getpeername(client)!, 5, 5)).toThrow(RangeError);
    expect(() => calls.sendmsg(client, { data: "hello" }, 5)).toThrow(RangeError);
    expect(calls.send(client, "!", 1, MSG_OOB)).toBe(1);
    expect(calls.send(client, Buffer.alloc(MSG_DONTWAIT), MSG_DONTWAIT, MSG_DONTWAIT)).toBe(MSG_DONTWAIT);
    expect(calls.send(client, "hello", 5, 4)).toBe(5);
    for (const fd of [client, server]) calls.close(fd);
  });

  test("of another process", async () => {
    const rival = await otherProcess("rival");
    const sender = await rival.socket("sender", AF_INET, SOCK_DGRAM);
    for (const data of ["hello", "é1234"])
      await expect(sender.send(data, 5)).rejects.toThrow(/is the length of the data/);
    await rival.stop();
  });
});

describe("text from outside prints no line of its own", () => {
  const FORGED = "ok\rFAKE\nserver        bind(3) = 0\x1b[2J\u009b1m\u202e";
  const UNSEEN = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

  test("the name of a handle, in lines, errors and advice", async () => {
    const output = (
      await printed(async () => {
        const handle = socket(FORGED, AF_INET, SOCK_STREAM);
        attempt(() => handle.getpeername());
        handle.bind(LOOPBACK, 0);
        const { port } = handle.getsockname();
        const rival = socket("rival", AF_INET, SOCK_STREAM);
        rival.setsockopt(SO_REUSEADDR, 0);
        const error = attempt(() => rival.bind(LOOPBACK, port)) as Error;
        expect(error.message).toMatch(/FAKE/);
        expect(error.message).not.toMatch(UNSEEN);
        trace.exact();
        handle.close();
      })
    ).join("\n");
    expect(output).toContain("ok\\u{d}FAKE\\u{a}server");
    expect(output).not.toMatch(UNSEEN);
    expect(output.split("\n").some((line) => line.startsWith("server"))).toBe(false);
  });

  test.each(["short", "off"] as const)(
    "an error that is none of ours, which attempt explains (trace %s)",
    async (mode) => {
      const error = new Error(FORGED);
      const output = (
        await printed(async () => {
          attempt(() => {
            throw error;
          });
          await attempt(() => Promise.reject(error));
        }, mode)
      ).join("\n");
      expect(output.match(/ok\\u\{d\}FAKE/g)).toHaveLength(2);
      expect(output).not.toMatch(UNSEEN);
      // What follows a line break in it stands under the call, and not in a lane.
      if (mode === "short") expect(output.split("\n").filter((line) => !line.startsWith("    "))).toEqual([]);
    },
  );

  test("the path of a Unix-domain socket, in advice and beside close", async () => {
    const path = join(temporaryOfTest(), FORGED);
    const output = (
      await printed(async () => {
        const server = socket("server", AF_UNIX, SOCK_STREAM);
        const rival = socket("rival", AF_UNIX, SOCK_STREAM);
        server.bind(path);
        const error = attempt(() => rival.bind(path)) as Error;
        expect(error.message).toContain('is taken by your own handle "server"');
        expect(error.message).not.toMatch(UNSEEN);
        server.close();
      })
    ).join("\n");
    expect(output).toMatch(/is\s+removed\s+too/);
    expect(output).not.toMatch(UNSEEN);
    expect(output.split("\n").filter((line) => line.startsWith("FAKE"))).toEqual([]);
  });

  test("the name of another process, and what it says of itself", async () => {
    const rival = await otherProcess("a\rb");
    expect(rival.name).toBe("a\\u{d}b");
    expect(`${rival}`).not.toMatch(UNSEEN);
    await rival.stop();
  });

  test("the value of an option that is text, in lines, errors and the ladder's words; of another process too", async () => {
    const rival = await otherProcess("rival");
    const theirs = await rival.socket("theirs", AF_INET, SOCK_STREAM);
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    const output = (
      await printed(async () => {
        for (const option of [SO_BINDTODEVICE, TCP_CONGESTION]) {
          const error = attempt(() => mine.setsockopt(option, FORGED)) as Error;
          expect(error.message).toMatch(/FAKE/);
          expect(error.message).not.toMatch(UNSEEN);
          await attempt(() => theirs.setsockopt(option, FORGED));
          attempt(() => calls.setsockopt(mine.fd, option.level, option, Buffer.from(FORGED)));
        }
        ladder();
      })
    ).join("\n");
    expect(output).toContain("ok\\u{d}FAKE\\u{a}server");
    expect(output).not.toMatch(UNSEEN);
    expect(output.split("\n").filter((line) => /^(FAKE|server)/.test(line))).toEqual([]);
    await rival.stop();
  });

  test("the name of a network interface, which may hold an escape", () => {
    const program = `const k = require("kernel-helpers"); (async () => {
      const [a, b] = ["a", "b"].map((name) => k.socket(name, k.AF_INET, k.SOCK_DGRAM)); a.bind(k.LOOPBACK, 0); a.setsockopt(k.IP_PKTINFO, 1);
      for (const show of [k.trace.short, k.trace.exact]) { show(); await b.sendto("x", k.LOOPBACK, a.getsockname().port); await a.recvmsg(); }
    })();`;
    const setUp = `name="$(printf 'e\\033[2Jx')"; ip link set lo name "$name" && ip link set "$name" up && exec "$@"`;
    const args = ["--user", "--map-root-user", "--net", "sh", "-c", setUp, "sh", process.execPath, "-e", program];
    const output = execFileSync("unshare", args, { cwd: PROJECT, encoding: "utf8" });
    expect(output).toMatch(/IP_PKTINFO 127\.0\.0\.1 by e\\u\{1b\}/);
    expect(output).not.toMatch(UNSEEN);
  });

  test("the abstract name of a stranger's socket", async () => {
    const fd = calls.socket(AF_UNIX, SOCK_DGRAM);
    const receiver = socket("receiver", AF_UNIX, SOCK_DGRAM);
    receiver.bind(`\0receiver ${process.pid}`);
    calls.bind(fd, { family: "AF_UNIX", path: `\0${FORGED}` });
    const output = (
      await printed(async () => {
        calls.sendto(fd, FORGED, { family: "AF_UNIX", path: `\0receiver ${process.pid}` });
        await receiver.recvfrom();
      })
    ).join("\n");
    expect(output).toContain("unix:@ok\\u{d}FAKE");
    expect(output).not.toMatch(UNSEEN);
    calls.close(fd);
  });
});

test("an abstract name and a file called @x look different", () => {
  expect(formatSockaddr({ family: "AF_UNIX", path: "\0x" })).toBe("unix:@x");
  expect(formatSockaddr({ family: "AF_UNIX", path: "@x" })).toBe("unix:./@x");
  expect(formatSockaddr({ family: "AF_UNIX", path: "(unnamed)" })).toBe("unix:./(unnamed)");
});

test("a short line shows UTF-8 as text", async () => {
  const { client, server } = await streamPair();
  trace.clear();
  await client.send("grüße");
  await server.recv(3);
  expect(trace.records().map(({ call, result }) => shortText(call, result))).toEqual([
    `send(${client.fd}, "grüße", 7)`,
    `recv(${server.fd}, "gr\\303", 3)`,
  ]);
});

describe("interfaces", () => {
  test("by name, as in fe80::1%lo", () => {
    const fd = calls.socket(AF_INET6, SOCK_DGRAM);
    const bind = (address: string) => calls.bind(fd, { family: "AF_INET6", address, port: 0, flowinfo: 0, scopeId: 0 });
    expect(failureOf(() => bind("fe80::77%lo")).message).toContain("[fe80::77%1]:0");
    expect(failureOf(() => socket("six", AF_INET6, SOCK_DGRAM).bind("fe80::77%lo", 0)).message).toContain(
      "[fe80::77%1]:0",
    );
    for (const name of ["nowhere", "x".repeat(100), "lo\0", "é"])
      expect(() => bind(`fe80::77%${name}`)).toThrow(/has no network interface .*networkInterfaces\(\)/);
    calls.close(fd);
  });

  test.each([
    [{ group: "239.1.2.3", interface: "lo" }, /one of its own IPv4 addresses.*not "lo".*networkInterfaces/],
    [{ group: "239.1.2.3" }, /one of its own IPv4 addresses.*not undefined/],
  ])("a multicast interface of IPv4: %o", (membership, words) => {
    expect(() => socket("m", AF_INET, SOCK_DGRAM).setsockopt(IP_ADD_MEMBERSHIP, membership as never)).toThrow(words);
    expect(() =>
      socket("m", AF_INET, SOCK_DGRAM).setsockopt(
        IP_MULTICAST_IF,
        (membership as { interface?: unknown }).interface as never,
      ),
    ).toThrow(words);
  });

  test("a multicast interface of IPv6 is a number", () => {
    const handle = socket("m", AF_INET6, SOCK_DGRAM);
    for (const wrong of ["lo", undefined]) {
      expect(() => handle.setsockopt(IPV6_JOIN_GROUP, { group: "ff02::7", interface: wrong as never })).toThrow(
        /by its number.*scopeid/,
      );
      expect(() => handle.setsockopt(IPV6_MULTICAST_IF, wrong as never)).toThrow(/by its number.*scopeid/);
    }
  });
});

test("eleven waits on one AbortSignal are no leak, and all end", async () => {
  const warned = vi.fn();
  process.on("warning", warned);
  const { server } = await streamPair();
  const { signal, abort } = ((controller) => ({ signal: controller.signal, abort: () => controller.abort("enough") }))(
    new AbortController(),
  );
  const waits = Array.from({ length: 12 }, () => server.recv(1, 0, { signal }));
  const rival = await otherProcess("rival");
  const there = await rival.socket("there", AF_INET, SOCK_DGRAM);
  await there.bind(LOOPBACK, choosePort());
  waits.push(...Array.from({ length: 12 }, () => there.recv(1, 0, { signal })));
  await new Promise((resolve) => setImmediate(resolve));
  abort();
  expect(await Promise.all(waits.map((wait) => wait.catch((reason: unknown) => reason)))).toEqual(
    Array(24).fill("enough"),
  );
  process.off("warning", warned);
  expect(warned).not.toHaveBeenCalled();
  await rival.stop();
});

/** A program of its own: what it waits for would wait here, too. */
test("every() with a pause longer than a timer holds waits, and warns of nothing", async () => {
  const program = `
    const { every } = require("kernel-helpers");
    every(1, 2, () => console.log("too early"), 2 ** 31);
    setTimeout(() => process.exit(0), 100);`;
  expect(await promisify(execFile)(process.execPath, ["-e", program])).toEqual({ stdout: "", stderr: "" });
});
