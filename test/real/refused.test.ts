import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  AF_INET,
  calls,
  EPOLL_CTL_ADD,
  EPOLLIN,
  htonl,
  htons,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  TCP_NODELAY,
} from "kernel-helpers";
import { expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { codeOf } from "../support/outcome.js";

guardDescriptors();

/* Arguments that are well formed, and that the system refuses or answers in its own way. */

test("M7: the longest address comes back whole", () => {
  const path = `\0${"x".repeat(107)}`;
  const fd = calls.socket(1, SOCK_STREAM);
  calls.bind(fd, { family: "AF_UNIX", path });
  expect(calls.getsockname(fd)).toEqual({ family: "AF_UNIX", path });
  calls.close(fd);
});

test("M8: options that do not exist, lengths that do not fit, options that are only read", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  expect(codeOf(() => calls.getsockopt(fd, SOL_SOCKET, 9999))).toBe("ENOPROTOOPT");
  expect(codeOf(() => calls.getsockopt(fd, 9999, 1))).toBe("EOPNOTSUPP");
  expect(codeOf(() => calls.setsockopt(fd, 9999, 1, 1))).toBe("ENOPROTOOPT");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, 9999, 1))).toBe("ENOPROTOOPT");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, Buffer.alloc(3)))).toBe("EINVAL");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, Buffer.alloc(4), 2))).toBe("EINVAL");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, Buffer.alloc(0)))).toBe("EINVAL");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, SO_TYPE, 1))).toBe("ENOPROTOOPT");
  expect(codeOf(() => calls.setsockopt(fd, SOL_SOCKET, SO_ERROR, 1))).toBe("ENOPROTOOPT");
  expect(calls.getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1).byteLength).toBe(1);
  expect(calls.getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 4096).byteLength).toBe(4);
  calls.close(fd);
});

test("M10: a TCP option on a UDP socket", () => {
  const handle = socket("datagrams", AF_INET, SOCK_DGRAM);
  expect(codeOf(() => handle.setsockopt(TCP_NODELAY, 1))).toBe("ENOPROTOOPT");
  expect(codeOf(() => handle.getsockopt(TCP_NODELAY))).toBe("EOPNOTSUPP");
});

test("M11: a descriptor that is a file", () => {
  const file = openSync(fileURLToPath(import.meta.url), "r");
  expect(codeOf(() => calls.send(file, "x"))).toBe("ENOTSOCK");
  expect(codeOf(() => calls.recv(file, Buffer.alloc(1)))).toBe("ENOTSOCK");
  expect(codeOf(() => calls.bind(file, { family: "AF_UNIX", path: "" }))).toBe("ENOTSOCK");
  expect(codeOf(() => calls.listen(file, 1))).toBe("ENOTSOCK");
  expect(codeOf(() => calls.getsockname(file))).toBe("ENOTSOCK");
  const epfd = calls.epoll_create1();
  expect(codeOf(() => calls.epoll_ctl(epfd, EPOLL_CTL_ADD, file, { events: EPOLLIN, data: 1 }))).toBe("EPERM");
  expect(codeOf(() => calls.epoll_ctl(epfd, EPOLL_CTL_ADD, epfd, { events: EPOLLIN, data: 1 }))).toBe("EINVAL");
  expect(() => calls.close(file)).toThrow(RangeError);
  closeSync(file);
  calls.close(epfd);
});

test("M13: htons and htonl refuse what does not fit", () => {
  expect(() => htons(1 << 16)).toThrow(RangeError);
  expect(() => htonl(-1)).toThrow(RangeError);
  expect(() => htons("80" as unknown as number)).toThrow(TypeError);
});
