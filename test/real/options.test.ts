import * as sockets from "kernel-helpers";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  calls,
  LOOPBACK,
  SO_ATTACH_FILTER,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  type SocketOption,
  socket,
  TCP_CONGESTION,
  TCP_INFO,
} from "kernel-helpers";
import { OPTIONS } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { codeOf, rejectionOf } from "../support/outcome.js";
import { datagram, streamPair } from "../support/pairs.js";

guardDescriptors();

/** Values to set, one after the other, for each option that can be set and read; what is read must be what was set. */
const ROUND_TRIPS: Record<string, readonly unknown[]> = {
  SO_REUSEADDR: [1, 0],
  SO_REUSEPORT: [1, 0],
  SO_DONTROUTE: [1, 0],
  SO_BROADCAST: [1, 0],
  SO_KEEPALIVE: [1, 0],
  SO_OOBINLINE: [1, 0],
  SO_LINGER: [
    { onoff: true, linger: 5 },
    { onoff: false, linger: 5 },
  ],
  SO_RCVLOWAT: [7, 1],
  SO_RCVTIMEO: [1500, 0],
  SO_SNDTIMEO: [2000, 0],
  SO_PASSCRED: [1, 0],
  TCP_NODELAY: [1, 0],
  TCP_MAXSEG: [1000],
  TCP_CORK: [1, 0],
  TCP_KEEPIDLE: [60, 7200],
  TCP_KEEPINTVL: [5, 75],
  TCP_KEEPCNT: [3, 9],
  TCP_QUICKACK: [0, 1],
  TCP_CONGESTION: ["reno"],
  TCP_USER_TIMEOUT: [1234, 0],
  IP_TOS: [16, 0],
  IP_TTL: [3, 64],
  IP_MTU_DISCOVER: [0, 2],
  IP_PKTINFO: [1, 0],
  IP_RECVERR: [1, 0],
  IP_MULTICAST_IF: [LOOPBACK],
  IP_MULTICAST_TTL: [4, 1],
  IP_MULTICAST_LOOP: [0, 1],
  IP_MULTICAST_ALL: [0, 1],
  IPV6_V6ONLY: [1, 0],
  IPV6_UNICAST_HOPS: [3, 64],
  IPV6_MULTICAST_HOPS: [4, 1],
  IPV6_MULTICAST_LOOP: [0, 1],
  IPV6_MULTICAST_IF: [1, 0],
  IPV6_TCLASS: [16, 0],
  IPV6_RECVPKTINFO: [1, 0],
  IPV6_RECVERR: [1, 0],
};
/** Options with a test of their own below, or that need more than one socket. */
const APART = new Set([
  ...["SO_SNDBUF", "SO_RCVBUF", "SO_BINDTODEVICE", "SO_ATTACH_FILTER", "SO_DETACH_FILTER", "TCP_DEFER_ACCEPT"],
  ...["TCP_FASTOPEN", "IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP", "IPV6_JOIN_GROUP", "IPV6_LEAVE_GROUP"],
]);

const available = OPTIONS.filter(({ number }) => number >= 0);
const settable = available.filter(({ readOnly, writeOnly }) => !readOnly && !writeOnly);

/** A socket of the kind that has the option. */
function owner(option: SocketOption<unknown>): sockets.Handle {
  if (option.name === "SO_PASSCRED") return socket("owner", AF_UNIX, SOCK_DGRAM);
  const family = option.levelName === "SOL_IPV6" ? AF_INET6 : AF_INET;
  const type = /TCP|^SO_(OOB|KEEP|REUSEPORT)/.test(option.name) ? SOCK_STREAM : SOCK_DGRAM;
  return socket("owner", family, type);
}

test("M9: every option that can be set is tested here", () => {
  const untested = settable.map(({ name }) => name).filter((name) => !(name in ROUND_TRIPS) && !APART.has(name));
  expect(untested).toEqual([]);
});

describe("M9: what is set is what is read", () => {
  test.each(settable.filter(({ name }) => name in ROUND_TRIPS).map((option) => [option.name, option] as const))(
    "%s",
    (name, option) => {
      const handle = owner(option);
      const plain = option as SocketOption<never>;
      for (const value of ROUND_TRIPS[name]!) {
        handle.setsockopt(plain, value as never);
        expect(handle.getsockopt(plain)).toEqual(value);
      }
    },
  );
});

test("M9: buffer sizes are doubled by the system, and have a floor", () => {
  const handle = socket("buffers", AF_INET, SOCK_STREAM);
  handle.setsockopt(SO_SNDBUF, 5000);
  expect(handle.getsockopt(SO_SNDBUF)).toBe(10_000);
  handle.setsockopt(SO_RCVBUF, 5000);
  expect(handle.getsockopt(SO_RCVBUF)).toBe(10_000);
  handle.setsockopt(SO_SNDBUF, 1);
  expect(handle.getsockopt(SO_SNDBUF)).toBe(4608);
  handle.setsockopt(SO_RCVBUF, 1);
  expect(handle.getsockopt(SO_RCVBUF)).toBe(2304);
});

test("M8: options that can only be read are refused", () => {
  for (const option of available.filter(({ readOnly }) => readOnly)) {
    const handle = owner(option);
    expect(() => calls.setsockopt(handle.fd, option.level, option, 1), option.name).toThrow(/ENOPROTOOPT|EINVAL|EPERM/);
  }
});

test("a value of the wrong kind is refused before the call, and the error names the option", () => {
  const handle = socket("owner", AF_INET, SOCK_STREAM);
  const wrong: [SocketOption<never>, unknown][] = [
    [SO_SNDBUF as SocketOption<never>, "5000"],
    [SO_SNDBUF as SocketOption<never>, 1.5],
    [SO_SNDBUF as SocketOption<never>, Number.NaN],
    [SO_LINGER as SocketOption<never>, 5],
    [SO_LINGER as SocketOption<never>, { onoff: true, linger: -1 }],
    [SO_RCVTIMEO as SocketOption<never>, -1],
    [TCP_CONGESTION as SocketOption<never>, 5],
    [TCP_INFO as SocketOption<never>, {}],
  ];
  for (const [option, value] of wrong) {
    expect(() => handle.setsockopt(option, value as never)).toThrow(option.name);
    expect(codeOf(() => handle.setsockopt(option, value as never))).toBeUndefined();
  }
});

test("TCP_INFO tells the state as the connection goes on", async () => {
  const { client, server } = await streamPair();
  expect(client.getsockopt(TCP_INFO).state).toBe("ESTABLISHED");
  client.shutdown(sockets.SHUT_WR);
  expect((await server.recv()).byteLength).toBe(0);
  // The answer acknowledges the FIN; alone, the acknowledgement may take a while.
  await server.send("x");
  await client.recv();
  expect(client.getsockopt(TCP_INFO).state).toBe("FIN_WAIT2");
  expect(server.getsockopt(TCP_INFO).state).toBe("CLOSE_WAIT");
});

test("SO_LINGER 0 makes close a reset", async () => {
  const { client, server } = await streamPair();
  client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  client.close();
  expect((await rejectionOf(server.recv())).code).toBe("ECONNRESET");
});

test("multicast on the loopback interface: join, receive, leave", async () => {
  const { receiver, place } = datagram();
  const group = { group: "239.1.2.3", interface: LOOPBACK };
  const any = socket("member", AF_INET, SOCK_DGRAM);
  any.bind("239.1.2.3", 0);
  any.setsockopt(sockets.IP_ADD_MEMBERSHIP, group);
  receiver.setsockopt(sockets.IP_MULTICAST_IF, LOOPBACK);
  const waiting = any.recvfrom();
  await receiver.sendto("to all", "239.1.2.3", any.getsockname().port);
  expect(await waiting).toMatchObject({ data: Buffer.from("to all"), from: { port: place[1] } });
  any.setsockopt(sockets.IP_DROP_MEMBERSHIP, group);
  expect(codeOf(() => any.setsockopt(sockets.IP_DROP_MEMBERSHIP, group))).toBe("EADDRNOTAVAIL");
});

test("SO_ATTACH_FILTER drops what the program says, until SO_DETACH_FILTER", async () => {
  const { receiver, place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  // BPF_RET | BPF_K with 0: keep no byte of any packet.
  const dropAll = Buffer.from([0x06, 0, 0, 0, 0, 0, 0, 0]);
  receiver.setsockopt(SO_ATTACH_FILTER, dropAll);
  await sender.sendto("lost", ...place);
  receiver.setsockopt(sockets.SO_DETACH_FILTER, 0);
  await sender.sendto("kept", ...place);
  expect(`${await receiver.recv()}`).toBe("kept");
  for (const length of [0, 4, 12, 8 * 5000]) {
    expect(() => receiver.setsockopt(SO_ATTACH_FILTER, Buffer.alloc(length)), `${length}`).toThrow();
  }
});
