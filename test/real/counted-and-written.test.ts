import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  calls,
  IP_RECVERR,
  IPV6_RECVERR,
  LOOPBACK,
  LOOPBACK6,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  type SocketAddress,
  socket,
} from "kernel-helpers";
import { shortText } from "kernel-helpers/dist/calls/index.js";
import { flagNames } from "kernel-helpers/dist/facts/index.js";
import { trace } from "kernel-helpers/dist/trace/index.js";
import { expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
import { datagram, deadPort } from "../support/pairs.js";

/*
 * What a line shows as received was written by the system: for each family, type and flags, in memory that was full of other bytes before, of
 * which none is ever sent. How much the system counts can be more.
 */

guardDescriptors();
removePaths();

const SO_PEEK_OFF = 42; // asm-generic/socket.h
const SENT = "ABCDEFGHIJKLMNOP";

type Pair = [sender: number, receiver: number];

const local = (family: number): SocketAddress =>
  family === AF_INET
    ? { family: "AF_INET", address: LOOPBACK, port: 0 }
    : { family: "AF_INET6", address: LOOPBACK6, port: 0, flowinfo: 0, scopeId: 0 };

function tcp(family: number, protocol = 0): Pair {
  const listener = calls.socket(family, SOCK_STREAM, protocol);
  calls.bind(listener, local(family));
  calls.listen(listener, 1);
  const client = calls.socket(family, SOCK_STREAM, protocol);
  calls.connect(client, calls.getsockname(listener)!);
  const { fd } = calls.accept(listener);
  calls.close(listener);
  return [client, fd];
}

function udp(family: number): Pair {
  const [sender, receiver] = [calls.socket(family, SOCK_DGRAM), calls.socket(family, SOCK_DGRAM)];
  calls.bind(receiver, local(family));
  calls.connect(sender, calls.getsockname(receiver)!);
  return [sender, receiver];
}

const MPTCP = 262; // linux/in.h

function hasMptcp(): boolean {
  try {
    calls.close(calls.socket(AF_INET, SOCK_STREAM, MPTCP));
    return true;
  } catch {
    return false;
  }
}

const PAIRS: Record<string, () => Pair> = {
  "TCP over IPv4": () => tcp(AF_INET),
  "TCP over IPv6": () => tcp(AF_INET6),
  ...(hasMptcp() ? { MPTCP: () => tcp(AF_INET, MPTCP) } : {}),
  "UDP over IPv4": () => udp(AF_INET),
  "UDP over IPv6": () => udp(AF_INET6),
  "Unix-domain stream": () => calls.socketpair(AF_UNIX, SOCK_STREAM),
  "Unix-domain datagrams": () => calls.socketpair(AF_UNIX, SOCK_DGRAM),
  "Unix-domain packets": () => calls.socketpair(AF_UNIX, SOCK_SEQPACKET),
};

const UNKNOWN = 0x1000_0000; // no flag of recv(2)

const FLAGS = [0, MSG_PEEK, MSG_WAITALL, MSG_OOB, MSG_ERRQUEUE, UNKNOWN].flatMap((flags) =>
  [0, MSG_TRUNC].flatMap((cut) => [0, MSG_PEEK].map((peek) => flags | cut | peek)),
);

const RECEIVES: Record<string, (fd: number, memory: Buffer, flags: number) => number> = {
  recv: (fd, memory, flags) => calls.recv(fd, memory, memory.byteLength, flags),
  recvfrom: (fd, memory, flags) => calls.recvfrom(fd, memory, memory.byteLength, flags).length,
  recvmsg: (fd, memory, flags) => calls.recvmsg(fd, memory, flags).length,
};

/** Has peeks begin further on; not every socket knows that. */
function peeksFrom(fd: number, further: number): boolean {
  try {
    calls.setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, further);
    return true;
  } catch {
    return false;
  }
}

/** How many of the bytes are not those of before: whatever the system writes is contiguous, and none of it was there. */
const changed = (memory: Buffer, before: Buffer): number =>
  memory.reduce((last, byte, at) => (byte === before[at] ? last : at + 1), 0);

const isCutPeek = (flags: number): boolean =>
  (flags & MSG_PEEK) !== 0 && (flags & MSG_TRUNC) !== 0 && (flags & MSG_ERRQUEUE) === 0;

interface Seen {
  written: number;
  counted: number;
  shown: string | undefined;
}

function look(fd: number, name: string, flags: number, before: Buffer): Seen | undefined {
  const memory = Buffer.from(before);
  trace.clear();
  let counted: number;
  try {
    counted = RECEIVES[name]!(fd, memory, flags | MSG_DONTWAIT);
  } catch {
    return undefined;
  }
  const record = trace.records().find(({ call }) => call.name === name)!;
  const line = shortText(record.call, record.result);
  return { written: changed(memory, before), counted, shown: /"([^"]*)"/.exec(line)?.[1] };
}

test.each(Object.keys(PAIRS))("%s: calls on numbers", (kind) => {
  let receives = 0;
  for (const further of [undefined, 5, 20]) {
    for (const flags of FLAGS) {
      for (const room of [8, 30]) {
        for (const name of Object.keys(RECEIVES)) {
          const [sender, receiver] = PAIRS[kind]!();
          const set = further === undefined || peeksFrom(receiver, further);
          calls.send(sender, SENT);
          if ((flags & MSG_OOB) !== 0 && kind.startsWith("TCP")) calls.send(sender, "!", MSG_OOB);
          else if (!/TCP|stream/.test(kind)) calls.send(sender, SENT.slice(0, 10));
          const seen = set ? look(receiver, name, flags, Buffer.alloc(room, "-")) : undefined;
          for (const fd of [sender, receiver]) calls.close(fd);
          if (seen === undefined) continue;
          receives += 1;
          const { written, counted, shown = "" } = seen;
          const what = `${name} ${flagNames("msg", flags)}, room for ${room}, from ${further}: ${JSON.stringify(seen)}`;
          expect(shown, what).not.toContain("-");
          // Where the system writes all that it counts, all of it is shown; but of a UDP peek further on nobody knows that.
          const unknown = kind.startsWith("UDP") && further !== undefined && isCutPeek(flags);
          if (!unknown && written === Math.min(counted, room)) expect(shown, what).toHaveLength(written);
          else expect(shown, what).toBe("");
        }
      }
    }
  }
  expect(receives).toBeGreaterThan(60);
});

test.each(Object.keys(PAIRS))("%s: bytes that lay in the memory already are shown, when they have come", (kind) => {
  const [sender, receiver] = PAIRS[kind]!();
  const memory = Buffer.from(SENT);
  for (const name of Object.keys(RECEIVES)) {
    calls.send(sender, SENT);
    for (const flags of [MSG_TRUNC | MSG_PEEK, MSG_TRUNC]) {
      const shown = look(receiver, name, flags, memory)?.shown;
      expect(shown, `${name} ${flags}`).toBe(kind.includes("TCP") ? undefined : SENT);
    }
  }
  for (const fd of [sender, receiver]) calls.close(fd);
});

test.each([
  [AF_INET, IP_RECVERR],
  [AF_INET6, IPV6_RECVERR],
])("what comes from the queue of errors was written, with MSG_TRUNC too: family %i", (family, option) => {
  for (const flags of [MSG_ERRQUEUE, MSG_ERRQUEUE | MSG_TRUNC]) {
    for (const name of Object.keys(RECEIVES)) {
      const fd = calls.socket(family, SOCK_DGRAM);
      calls.setsockopt(fd, option.level, option, 1);
      const port = deadPort(SOCK_DGRAM);
      calls.sendto(fd, SENT, { ...local(family), port } as SocketAddress);
      calls.poll([{ fd, events: 0 }], 1000);
      const seen = look(fd, name, flags, Buffer.alloc(30, "-"))!;
      expect(seen).toEqual({ written: SENT.length, counted: SENT.length, shown: SENT });
      calls.close(fd);
    }
  }
});

test("a handle that peeks further on with MSG_TRUNC: the line shows nothing of what was not received", async () => {
  for (const kind of [KINDS.AF_INET!, KINDS.AF_INET6!]) {
    const { receiver, place } = datagram(kind);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.sendto("12345678", ...place);
    for (const receive of ["recv", "recvfrom", "recvmsg"] as const) {
      calls.setsockopt(receiver.fd, SOL_SOCKET, SO_PEEK_OFF, 5);
      trace.clear();
      await receiver[receive](100, MSG_PEEK | MSG_TRUNC);
      const [record] = trace.records().filter(({ call }) => call.name === receive);
      expect(shortText(record!.call, record!.result)).toMatch(
        new RegExp(`^${receive}\\(\\d+, 100, MSG_PEEK\\|MSG_TRUNC\\)`),
      );
    }
  }
});

test("a handle shows zeros that have come with MSG_TRUNC", async () => {
  const { receiver, place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  for (const receive of ["recv", "recvfrom", "recvmsg"] as const) {
    await sender.sendto(Buffer.alloc(4), ...place);
    trace.clear();
    await receiver[receive](100, MSG_TRUNC);
    const [record] = trace.records().filter(({ call }) => call.name === receive);
    expect(shortText(record!.call, record!.result)).toContain('"\\0\\0\\0\\0"');
  }
});
