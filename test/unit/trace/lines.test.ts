import { encodeControl, packetInfo } from "kernel-helpers/dist/bytes/control.js";
import { encodeSockaddr } from "kernel-helpers/dist/bytes/index.js";
import { type Call, type CallRecord, exactAddress, exactText } from "kernel-helpers/dist/calls/index.js";
import { constants } from "kernel-helpers/dist/facts/index.js";
import { callLine, exactLine, type Step, shortLine } from "kernel-helpers/dist/trace/index.js";
import { describe, expect, test } from "vitest";

const record = (call: Call, result = 0, errno = 0): CallRecord => ({ call, result, errno, start: 1, end: 2 });
const four = encodeSockaddr({ family: "AF_INET", address: "127.0.0.1", port: 80 });
const six = encodeSockaddr({ family: "AF_INET6", address: "::1", port: 80, flowinfo: 0, scopeId: 2 });
const AT = '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}';
const { SOCK_CLOEXEC, SOL_SOCKET, MSG_NOSIGNAL } = constants;

describe("exactAddress", () => {
  test.each([
    [four, AT],
    [
      six,
      '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=2}',
    ],
    [encodeSockaddr({ family: "AF_UNIX", path: "/tmp/x" }), '{sa_family=AF_UNIX, sun_path="/tmp/x"}'],
    [encodeSockaddr({ family: "AF_UNIX", path: "\0name" }), '{sa_family=AF_UNIX, sun_path=@"name"}'],
    [encodeSockaddr({ family: "AF_UNIX", path: "" }), "{sa_family=AF_UNIX}"],
    [new Uint8Array(0), "NULL"],
  ])("%o", (bytes, text) => {
    expect(exactAddress(bytes)).toBe(text);
  });
});

describe("exactText: what strace prints", () => {
  const rows: [CallRecord, string][] = [
    [record({ name: "bind", fd: 3, address: four }), `bind(3, ${AT}, 16) = 0`],
    [
      record({ name: "bind", fd: 3, address: four }, -1, 98),
      `bind(3, ${AT}, 16) = -1 EADDRINUSE (Address already in use)`,
    ],
    [
      record({ name: "accept", fd: 3, flags: SOCK_CLOEXEC, room: 128, from: four, fromLength: 16 }, 4),
      `accept4(3, ${AT}, [128 => 16], SOCK_CLOEXEC) = 4`,
    ],
    [
      record({ name: "accept", fd: 3, flags: SOCK_CLOEXEC, room: 128 }, -1, 11),
      "accept4(3, 0x…, [128], SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable)",
    ],
    [
      record({ name: "send", fd: 3, data: "a\n", length: 2, flags: MSG_NOSIGNAL }, 2),
      'sendto(3, "a\\n", 2, MSG_NOSIGNAL, NULL, 0) = 2',
    ],
    [
      record({ name: "send", fd: 3, data: "x".repeat(64), length: 1000, flags: 0 }, 900),
      `sendto(3, "${"x".repeat(32)}"..., 1000, 0, NULL, 0) = 900`,
    ],
    [
      record({ name: "send", fd: 3, data: Buffer.from("ü").toString("latin1"), length: 2, flags: 0 }, 2),
      'sendto(3, "\\303\\274", 2, 0, NULL, 0) = 2',
    ],
    [
      record({ name: "sendmsg", fd: 3, data: "ab", length: 2, flags: MSG_NOSIGNAL, address: four }, 2),
      `sendmsg(3, {msg_name=${AT}, msg_namelen=16, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, MSG_NOSIGNAL) = 2`,
    ],
    [
      record(
        {
          name: "sendmsg",
          fd: 3,
          data: "",
          length: 0,
          flags: 0,
          control: encodeControl([packetInfo("0.0.0.0", 1)]),
          interfaces: { 1: "lo" },
        },
        0,
      ),
      'sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="", iov_len=0}], msg_iovlen=1, msg_control=[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=if_nametoindex("lo"), ipi_spec_dst=inet_addr("0.0.0.0"), ipi_addr=inet_addr("0.0.0.0")}}], msg_controllen=32, msg_flags=0}, 0) = 0',
    ],
    [
      record({ name: "recvmsg", fd: 3, length: 2, flags: 0, room: 128, controlRoom: 256 }, -1, 11),
      "recvmsg(3, {msg_namelen=128}, 0) = -1 EAGAIN (Resource temporarily unavailable)",
    ],
    [
      record(
        {
          name: "recvmsg",
          fd: 3,
          data: "ab",
          length: 2,
          flags: 0,
          room: 128,
          controlRoom: 256,
          from: four,
          fromLength: 16,
          control: new Uint8Array(0),
          told: 32,
        },
        2,
      ),
      `recvmsg(3, {msg_name=${AT}, msg_namelen=128 => 16, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=MSG_TRUNC}, 0) = 2`,
    ],
    [
      record(
        {
          name: "getsockopt",
          fd: 3,
          level: SOL_SOCKET,
          option: 17,
          room: 12,
          value: Uint8Array.from([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]),
          valueLength: 12,
        },
        0,
      ),
      "getsockopt(3, SOL_SOCKET, SO_PEERCRED, {pid=1, uid=2, gid=3}, [12]) = 0",
    ],
    [
      record({ name: "recv", fd: 3, data: "abc", length: 10, flags: 0 }, 3),
      'recvfrom(3, "abc", 10, 0, NULL, NULL) = 3',
    ],
    [record({ name: "recv", fd: 3, data: "", length: 10, flags: 0 }, 0), 'recvfrom(3, "", 10, 0, NULL, NULL) = 0'],
    [
      record({ name: "getsockopt", fd: 3, level: SOL_SOCKET, option: 4, room: 4, value: Uint8Array.of(111, 0, 0, 0) }),
      "getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0",
    ],
    [
      record({
        name: "setsockopt",
        fd: 3,
        level: SOL_SOCKET,
        option: 13,
        value: Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0),
      }),
      "setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0",
    ],
    [
      record({ name: "setsockopt", fd: 3, level: SOL_SOCKET, option: 26, value: new Uint8Array(16) }),
      "setsockopt(3, SOL_SOCKET, SO_ATTACH_FILTER, {len=2, filter=0x…}, 16) = 0",
    ],
    [
      record({
        name: "setsockopt",
        fd: 3,
        level: 0,
        option: 35,
        value: Uint8Array.of(239, 1, 2, 3, 127, 0, 0, 1),
      }),
      'setsockopt(3, SOL_IP, IP_ADD_MEMBERSHIP, {imr_multiaddr=inet_addr("239.1.2.3"), imr_interface=inet_addr("127.0.0.1")}, 8) = 0',
    ],
    [
      record({ name: "shutdown", fd: 3, how: 1 }, -1, 107),
      "shutdown(3, SHUT_WR) = -1 ENOTCONN (Transport endpoint is not connected)",
    ],
    [
      record({ name: "poll", fds: [{ fd: 3, events: 1, revents: 0x11 }], count: 1, timeout: 0 }, 1),
      "poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN|POLLHUP}])",
    ],
    [
      record({ name: "poll", fds: [{ fd: 3, events: 1, revents: 0 }], count: 1, timeout: 5 }, 0),
      "poll([{fd=3, events=POLLIN}], 1, 5) = 0 (Timeout)",
    ],
    [record({ name: "close", fd: 3 }, -1, 9), "close(3) = -1 EBADF (Bad file descriptor)"],
    [record({ name: "close", fd: 3 }, -1, 9999), expect.stringContaining("close(3) = -1 ") as unknown as string],
  ];
  test.each(rows)("%o", (call, text) => {
    expect(exactText(call)).toEqual(text);
  });

  test("in the lane of its handle", () => {
    expect(exactLine("server", record({ name: "close", fd: 3 }))).toBe("server        close(3) = 0");
  });
});

describe("short lines", () => {
  const step = (rest: Partial<Step>): Step => ({
    id: 1,
    pid: 1,
    handle: "server",
    cell: undefined,
    name: "accept",
    fd: 3,
    calls: [],
    silent: false,
    start: 1,
    ...rest,
  });
  const accepted = record({ name: "accept", fd: 3, flags: 0, room: 128, from: four, fromLength: 16 }, 4);
  const refused = record({ name: "accept", fd: 3, flags: 0, room: 128 }, -1, 11);

  test("show the last call of the step's own name, whatever came between", () => {
    const calls = [
      refused,
      record({ name: "poll", fds: [], count: 0, timeout: 0 }),
      accepted,
      record({ name: "getsockname", fd: 4, room: 128 }),
    ];
    expect(shortLine(step({ calls, outcome: { result: 4 }, opened: "server→1" }))).toBe(
      `${"server        accept(3) = 4  ← 127.0.0.1:80".padEnd(52)}"server→1"`,
    );
  });

  test("an end without a call", () => {
    expect(shortLine(step({ outcome: { ended: "closed" } }))).toBe(
      "server        accept(3) ended: the handle was closed",
    );
    expect(shortLine(step({ outcome: { ended: "timeout" } }))).toBe("server        accept(3) ended: timeout");
    expect(shortLine(step({ calls: [refused], outcome: { ended: "interrupted" } }))).toBe(
      "server        accept(3) ended: interrupted",
    );
  });

  test("a failure shows no sender", () => {
    expect(callLine("server", accepted, { error: "EAGAIN", errno: 11 })).toBe(
      "server        accept(3) = -1 EAGAIN (Resource temporarily unavailable)",
    );
  });

  test("a name that comes after a long line keeps its distance", () => {
    const long = "a handle with a name that is longer than every lane there is";
    const line = shortLine(step({ handle: long, calls: [accepted], outcome: { result: 4 }, opened: "x" }));
    expect(line).toMatch(/80 {2}"x"$/);
  });
});
