import { inspect } from "node:util";
import { AF_INET, calls, LOOPBACK, SHUT_RDWR, SOCK_DGRAM, SOCK_STREAM, socket } from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_KIND, removePaths } from "../support/kinds.js";
import { codeOf, failureOf, rejectionOf } from "../support/outcome.js";
import { listening, streamPair } from "../support/pairs.js";

guardDescriptors();
removePaths();

describe.each(EACH_KIND)("%s", (_, kind) => {
  test("L1: the second close of a handle does nothing, and closes nothing else", () => {
    const first = socket("first", kind.family, SOCK_STREAM);
    first.close();
    const second = socket("second", kind.family, SOCK_STREAM);
    expect(second.fd).toBe(first.fd);
    first.close();
    expect(second.closed).toBe(false);
    expect(second.getsockname().family).toBe(second.getsockname().family);
  });

  test("L3: every call on a closed handle fails without a system call, and says so", async () => {
    const { server } = await streamPair(kind);
    server.close();
    const place = kind.anyPlace();
    const actions: [string, () => unknown][] = [
      ["bind", () => server.bind(...place)],
      ["listen", () => server.listen()],
      ["shutdown", () => server.shutdown(SHUT_RDWR)],
      ["getsockname", () => server.getsockname()],
      ["getpeername", () => server.getpeername()],
      ["accept", () => server.accept()],
      ["connect", () => server.connect(...place)],
      ["send", () => server.send("x")],
      ["send", () => server.sendAll("x")],
      ["recv", () => server.recv()],
      ["recvfrom", () => server.recvfrom()],
      ["sendto", () => server.sendto("x", ...place)],
    ];
    for (const [syscall, action] of actions) {
      const error = await rejectionOf(async () => action());
      expect(error).toMatchObject({ name: "ClosedError", code: "EBADF", syscall, fd: server.fd, handle: "server→1" });
      expect(error.message).toContain("It was closed");
    }
  });

  test("L5: a handle's text shows descriptor, kind and addresses; [closed] afterwards", async () => {
    const { client } = await streamPair(kind);
    expect(inspect(client)).toMatch(new RegExp(`^client: fd ${client.fd}, ${_} SOCK_STREAM, local .+, peer .+$`));
    expect(`${client}`).toBe(inspect(client));
    client.close();
    expect(inspect(client)).toBe(`client: fd ${client.fd}, ${_} SOCK_STREAM [closed]`);
  });
});

test("L1, L3, L4: on numbers, a descriptor that is not open is EBADF for every call", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  calls.close(fd);
  const to = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
  const memory = Buffer.alloc(8);
  for (const number of [fd, -1, 9999, 0x7fffffff, -0x80000000]) {
    expect(codeOf(() => calls.close(number))).toBe("EBADF");
    expect(codeOf(() => calls.bind(number, to))).toBe("EBADF");
    expect(codeOf(() => calls.listen(number, 1))).toBe("EBADF");
    expect(codeOf(() => calls.accept(number))).toBe("EBADF");
    expect(codeOf(() => calls.connect(number, to))).toBe("EBADF");
    expect(codeOf(() => calls.send(number, memory))).toBe("EBADF");
    expect(codeOf(() => calls.sendto(number, memory, to))).toBe("EBADF");
    expect(codeOf(() => calls.recv(number, memory))).toBe("EBADF");
    expect(codeOf(() => calls.recvfrom(number, memory))).toBe("EBADF");
    expect(codeOf(() => calls.shutdown(number, SHUT_RDWR))).toBe("EBADF");
    expect(codeOf(() => calls.getsockname(number))).toBe("EBADF");
    expect(codeOf(() => calls.getpeername(number))).toBe("EBADF");
    expect(codeOf(() => calls.getsockopt(number, 1, 3))).toBe("EBADF");
    expect(codeOf(() => calls.setsockopt(number, 1, 3, 1))).toBe("EBADF");
    expect(codeOf(() => calls.fcntl(number, 3))).toBe("EBADF");
    expect(codeOf(() => calls.dup(number))).toBe("EBADF");
  }
});

test("L4: descriptors that are not ours are not closed: 0 to 2, Node's own, and those of the waiting thread", () => {
  for (let fd = 0; fd < 64; fd++) {
    const error = failureOf(() => calls.close(fd));
    if (error.code !== "EBADF") expect(error).toBeInstanceOf(RangeError);
  }
});

test.each([SOCK_STREAM, SOCK_DGRAM])("L9: shutdown(99) is EINVAL (type %i)", (type) => {
  const handle = socket("any", AF_INET, type);
  expect(codeOf(() => handle.shutdown(99))).toBe("EINVAL");
  expect(codeOf(() => handle.shutdown(-1))).toBe("EINVAL");
});

test("L10: socket() of an unknown family, type or protocol", () => {
  expect(codeOf(() => socket("any", 99, SOCK_STREAM))).toBe("EAFNOSUPPORT");
  expect(codeOf(() => socket("any", AF_INET, 99))).toBe("EINVAL");
  expect(codeOf(() => socket("any", AF_INET, SOCK_STREAM, { protocol: 17 }))).toBe("EPROTONOSUPPORT");
  expect(codeOf(() => calls.socket(99, SOCK_STREAM))).toBe("EAFNOSUPPORT");
  expect(codeOf(() => calls.socket(AF_INET, 99))).toBe("EINVAL");
  expect(codeOf(() => calls.socket(AF_INET, SOCK_STREAM, 17))).toBe("EPROTONOSUPPORT");
});

test("socket() with a wrong argument closes nothing and makes nothing", () => {
  const { server } = listening();
  const wrong: [unknown, unknown, unknown?][] = [
    ["AF_INET", SOCK_STREAM],
    [Number.NaN, SOCK_STREAM],
    [AF_INET, undefined],
    [AF_INET, 1.5],
    [AF_INET, "1"],
    [AF_INET, SOCK_STREAM, { protocol: 0.5 }],
    [AF_INET, SOCK_STREAM, { protocol: "6" }],
  ];
  for (const values of wrong) {
    const action = () => (socket as (...values: unknown[]) => unknown)("server", ...values);
    expect(action, inspect(values)).toThrow(/(TypeError|RangeError|number|integer)/);
    expect(failureOf(action).code, inspect(values)).toBeUndefined();
    expect(server.closed).toBe(false);
  }
  for (const name of ["", " ", 5, undefined, null]) {
    expect(() => socket(name as string, AF_INET, SOCK_STREAM)).toThrow(TypeError);
  }
});

test("a descriptor that socket(), accept(), socketpair() or dup() made is not inherited by other programs", async () => {
  const { client, server } = await streamPair();
  const pair = calls.socketpair(1, SOCK_STREAM);
  const copy = calls.dup(client.fd);
  const F_GETFD = 1;
  for (const fd of [client.fd, server.fd, ...pair, copy]) expect(calls.fcntl(fd, F_GETFD)).toBe(1);
  for (const fd of [...pair, copy]) calls.close(fd);
});
