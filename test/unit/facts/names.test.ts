import {
  constants as c,
  exactNameOf,
  type FlagGroup,
  flagNames,
  type NameGroup,
  nameOf,
  optionName,
  protocolName,
  socketTypeName,
} from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

describe("one number, one name", () => {
  test.each([
    ["family", c.AF_INET, "AF_INET"],
    ["family", c.AF_INET6, "AF_INET6"],
    ["family", c.AF_UNSPEC, "AF_UNSPEC"],
    ["type", c.SOCK_STREAM, "SOCK_STREAM"],
    ["type", c.SOCK_DGRAM, "SOCK_DGRAM"],
    ["protocol", 0, "IPPROTO_IP"],
    ["protocol", 6, "IPPROTO_TCP"],
    ["how", 1, "SHUT_WR"],
    ["level", c.SOL_SOCKET, "SOL_SOCKET"],
    ["fcntl", c.F_SETFL, "F_SETFL"],
  ] as [NameGroup, number, string][])("%s %i is %s", (group, number, name) => {
    expect(nameOf(group, number)).toBe(name);
    expect(exactNameOf(group, number)).toBe(name);
  });

  test.each([
    ["family", 99, "99", "0x63 /* AF_??? */"],
    ["family", -1, "-1", "0xffffffff /* AF_??? */"],
    ["type", 77, "77", "0x4d /* SOCK_??? */"],
    ["protocol", 99, "99", "0x63 /* IPPROTO_??? */"],
    ["how", 99, "99", "0x63 /* SHUT_??? */"],
    ["level", 99, "99", "0x63 /* SOL_?? */"],
    ["epollOp", 9, "9", "0x9 /* EPOLL_CTL_??? */"],
    ["fcntl", 999, "999", "0x3e7 /* F_??? */"],
  ] as [NameGroup, number, string, string][])("%s %i has none", (group, number, plain, exact) => {
    expect(nameOf(group, number)).toBe(plain);
    expect(exactNameOf(group, number)).toBe(exact);
  });

  test("protocol numbers have names in the Internet families only", () => {
    expect(protocolName(c.AF_INET, 0)).toBe("IPPROTO_IP");
    expect(protocolName(c.AF_INET6, 17)).toBe("IPPROTO_UDP");
    expect(protocolName(c.AF_INET, 99)).toBe("0x63 /* IPPROTO_??? */");
    expect(protocolName(c.AF_UNIX, 0)).toBe("0");
    expect(protocolName(c.AF_UNIX, 6)).toBe("6");
  });

  test("options have names at the levels that are known", () => {
    expect(optionName(c.SOL_SOCKET, 999)).toBe("0x3e7 /* SO_??? */");
    expect(optionName(c.SOL_TCP, 999)).toBe("0x3e7 /* TCP_??? */");
    expect(optionName(c.SOL_IP, 999)).toBe("0x3e7 /* IP_??? */");
    expect(optionName(c.SOL_IPV6, 999)).toBe("0x3e7 /* IPV6_??? */");
    expect(optionName(99, 1)).toBe("1");
    expect(optionName(c.SOL_SOCKET, -1)).toBe("0xffffffff /* SO_??? */");
  });
});

describe("sets of flags", () => {
  test.each([
    ["msg", 0, "0"],
    ["msg", c.MSG_PEEK, "MSG_PEEK"],
    ["msg", c.MSG_DONTWAIT | c.MSG_PEEK, "MSG_PEEK|MSG_DONTWAIT"],
    ["msg", c.MSG_PEEK | 0x100000, "MSG_PEEK|0x100000"],
    ["msg", 0x100000, "0x100000 /* MSG_??? */"],
    ["sock", 0, "0"],
    ["sock", 1, "0x1 /* SOCK_??? */"],
    ["poll", 0, "0"],
    ["poll", c.POLLIN | c.POLLOUT | c.POLLHUP, "POLLIN|POLLOUT|POLLHUP"],
    ["open", c.O_RDWR, "O_RDWR"],
    ["open", 0, "O_RDONLY"],
    ["open", c.O_NONBLOCK, "O_RDONLY|O_NONBLOCK"],
    ["open", c.O_RDWR | c.O_NONBLOCK | c.O_APPEND, "O_RDWR|O_APPEND|O_NONBLOCK"],
    ["open", 3 | 0x40000000, "O_ACCMODE|0x40000000"],
    ["fd", 1, "FD_CLOEXEC"],
    ["fd", 5, "FD_CLOEXEC|0x4"],
    ["fd", 4, "0x4 /* FD_??? */"],
  ] as [FlagGroup, number, string][])("%s %i is %s", (group, value, text) => {
    expect(flagNames(group, value)).toBe(text);
  });

  test("a type carries flags", () => {
    expect(socketTypeName(c.SOCK_STREAM)).toBe("SOCK_STREAM");
    expect(socketTypeName(0)).toBe("0");
    expect(socketTypeName(7)).toBe("0x7 /* SOCK_??? */");
    expect(socketTypeName(1 | 0x10000)).toBe("SOCK_STREAM|0x10000 /* SOCK_??? */");
  });
});

describe.runIf(process.platform === "linux")("words that only Linux has", () => {
  test.each([
    ["epoll", c.EPOLLIN | c.EPOLLET, "EPOLLIN|EPOLLET"],
    ["epoll", c.EPOLLET | c.EPOLLONESHOT | c.EPOLLRDHUP, "EPOLLRDHUP|EPOLLONESHOT|EPOLLET"],
    ["epoll", 0x4000, "0x4000 /* EPOLL??? */"],
    ["epollCreate", c.EPOLL_CLOEXEC, "EPOLL_CLOEXEC"],
    ["eventfd", c.EFD_NONBLOCK | c.EFD_CLOEXEC, "EFD_CLOEXEC|EFD_NONBLOCK"],
    ["msg", c.MSG_NOSIGNAL | c.MSG_MORE, "MSG_NOSIGNAL|MSG_MORE"],
  ] as [FlagGroup, number, string][])("%s %i is %s", (group, value, text) => {
    expect(flagNames(group, value)).toBe(text);
  });

  test("the operations of epoll_ctl", () => {
    expect([1, 2, 3].map((op) => nameOf("epollOp", op))).toEqual(["EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"]);
  });

  test("a type with its flags in strace's order", () => {
    expect(socketTypeName(c.SOCK_NONBLOCK | c.SOCK_CLOEXEC | c.SOCK_DGRAM)).toBe(
      "SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK",
    );
    expect(socketTypeName(99 | c.SOCK_NONBLOCK)).toBe("SOCK_RAW|SOCK_NONBLOCK|0x60");
    expect(socketTypeName(7 | c.SOCK_CLOEXEC)).toBe("SOCK_CLOEXEC|0x7");
  });
});
