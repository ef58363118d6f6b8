import { encodeControl, packetInfo } from "kernel-helpers/dist/bytes/control.js";
import { encodeSockaddr } from "kernel-helpers/dist/bytes/index.js";
import { type Call, failureOf, mustSucceed, shortText } from "kernel-helpers/dist/calls/index.js";
import { constants } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

const {
  AF_INET,
  SOCK_STREAM,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  MSG_CMSG_CLOEXEC,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_WR,
  SOL_SOCKET,
} = constants;
const pktinfo = (local: string, index: number): Uint8Array => encodeControl([packetInfo(local, index)]);
const four = encodeSockaddr({ family: "AF_INET", address: "127.0.0.1", port: 80 });

describe("shortText: the call as a learner wrote it", () => {
  const hello = "hello";
  const rows: [Call, string, number?][] = [
    [
      { name: "socket", family: AF_INET, type: SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol: 0 },
      "socket(AF_INET, SOCK_STREAM)",
    ],
    [{ name: "socket", family: AF_INET, type: SOCK_STREAM, protocol: 6 }, "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)"],
    [{ name: "socket", family: 99, type: 77, protocol: 0 }, "socket(99, 77)"],
    [{ name: "bind", fd: 3, address: four }, "bind(3, 127.0.0.1:80)"],
    [{ name: "connect", fd: 3, address: four.subarray(0, 2) }, "connect(3, AF_INET(0 bytes))"],
    [{ name: "connect", fd: 3, address: four.subarray(0, 1) }, "connect(3, ?)"],
    [{ name: "listen", fd: 3, backlog: -1 }, "listen(3, -1)"],
    [{ name: "accept", fd: 3, flags: SOCK_CLOEXEC, room: 128 }, "accept(3)"],
    [{ name: "send", fd: 3, data: hello, length: 5, flags: MSG_NOSIGNAL }, 'send(3, "hello", 5)'],
    [{ name: "send", fd: 3, data: hello, length: 4, flags: MSG_NOSIGNAL | 1 }, 'send(3, "hell", 4, MSG_OOB)'],
    [{ name: "send", fd: 3, data: "x".repeat(64), length: 100, flags: 0 }, `send(3, "${"x".repeat(32)}"..., 100)`],
    [{ name: "recv", fd: 3, data: hello, length: 1024, flags: 0 }, 'recv(3, "hel", 1024)', 3],
    [{ name: "recv", fd: 3, length: 1024, flags: MSG_PEEK }, "recv(3, 1024, MSG_PEEK)"],
    [{ name: "recv", fd: 3, data: hello, length: 1024, flags: 0 }, 'recv(3, "", 1024)', 0],
    [
      { name: "sendto", fd: 3, data: hello, length: 5, flags: MSG_NOSIGNAL, address: four },
      'sendto(3, "hello", 5, 127.0.0.1:80)',
    ],
    [{ name: "recv", fd: 3, data: hello, length: 9, flags: MSG_TRUNC, untouched: true }, "recv(3, 9, MSG_TRUNC)", 9],
    [
      { name: "recvfrom", fd: 3, data: hello, length: 5, flags: MSG_TRUNC, added: MSG_TRUNC, room: 128 },
      'recvfrom(3, "hello", 5)',
      5,
    ],
    [
      { name: "recvfrom", fd: 3, data: hello, length: 5, flags: MSG_TRUNC, added: MSG_TRUNC, room: 128 },
      'recvfrom(3, "hello", 5, MSG_TRUNC)',
      11,
    ],
    [
      { name: "sendmsg", fd: 3, data: hello, length: 5, flags: MSG_NOSIGNAL, address: four },
      'sendmsg(3, "hello", 5, 127.0.0.1:80)',
    ],
    [
      { name: "sendmsg", fd: 3, data: hello, length: 5, flags: MSG_NOSIGNAL, control: pktinfo("127.0.0.2", 1) },
      'sendmsg(3, "hello", 5, {IP_PKTINFO from 127.0.0.2 by 1})',
    ],
    [
      { name: "recvmsg", fd: 3, data: hello, length: 1024, flags: MSG_CMSG_CLOEXEC, room: 128, controlRoom: 256 },
      'recvmsg(3, "hello", 1024)',
      5,
    ],
    [{ name: "shutdown", fd: 3, how: SHUT_WR }, "shutdown(3, SHUT_WR)"],
    [{ name: "shutdown", fd: 3, how: 99 }, "shutdown(3, 99)"],
    [{ name: "getsockopt", fd: 3, level: SOL_SOCKET, option: 2, room: 4 }, "getsockopt(3, SO_REUSEADDR)"],
    [{ name: "setsockopt", fd: 3, level: SOL_SOCKET, option: 9999, value: four }, "setsockopt(3, SOL_SOCKET, 9999)"],
    [
      { name: "setsockopt", fd: 3, level: SOL_SOCKET, option: 2, value: Uint8Array.of(1, 0, 0, 0) },
      "setsockopt(3, SO_REUSEADDR, 1)",
    ],
    [
      { name: "setsockopt", fd: 3, level: 0, option: 35, value: Uint8Array.of(239, 1, 2, 3, 127, 0, 0, 1) },
      "setsockopt(3, IP_ADD_MEMBERSHIP, {239.1.2.3, 127.0.0.1})",
    ],
    [
      { name: "setsockopt", fd: 3, level: 0, option: 35, value: Uint8Array.of(239, 1) },
      "setsockopt(3, IP_ADD_MEMBERSHIP)",
    ],
    [
      { name: "setsockopt", fd: 3, level: SOL_SOCKET, option: 26, value: new Uint8Array(8) },
      "setsockopt(3, SO_ATTACH_FILTER)",
    ],
    [{ name: "close", fd: -1 }, "close(-1)"],
    [{ name: "getsockname", fd: 3, room: 128 }, "getsockname(3)"],
    [{ name: "poll", fds: [{ fd: 3, events: 1, revents: 0 }], count: 1, timeout: 0 }, "poll(3; 0 ms)"],
  ];
  test.each(rows)("%o", (call, text, result) => {
    expect(shortText(call, result)).toBe(text);
  });
});

describe("failures", () => {
  test("mustSucceed throws what the call says of itself", () => {
    expect(mustSucceed({ name: "listen", fd: 3, backlog: 1 }, 0)).toBe(0);
    expect(() => mustSucceed({ name: "bind", fd: 3, address: four }, -98)).toThrow(
      /^bind\(3, 127\.0\.0\.1:80\) = -1 EADDRINUSE/,
    );
  });

  test("the address is the one that the call named, not one that it returned", () => {
    expect(failureOf({ name: "connect", fd: 3, address: four }, 111)).toMatchObject({ address: "127.0.0.1", port: 80 });
    expect(failureOf({ name: "getpeername", fd: 3, room: 128, address: four }, 107)).not.toHaveProperty("address");
    const path = encodeSockaddr({ family: "AF_UNIX", path: "/tmp/x" });
    expect(failureOf({ name: "bind", fd: 3, address: path }, 98)).toMatchObject({ address: "/tmp/x" });
    expect(failureOf({ name: "poll", fds: [], count: 0, timeout: 0 }, 4)).toEqual({
      syscall: "poll",
      code: "EINTR",
      call: "poll(; 0 ms)",
    });
  });
});
