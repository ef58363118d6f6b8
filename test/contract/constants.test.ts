import { SOCKADDR_STORAGE_SIZE } from "kernel-helpers/dist/bytes/index.js";
import { SOCKADDR_OFFSETS } from "kernel-helpers/dist/bytes/sockaddr.js";
import {
  facts,
  OPTIONS,
  TCP_INFO_FIELDS,
  TCP_INFO_MINIMUM,
  TCP_INFO_SIZE,
  TCP_STATES,
} from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { run, withProgram } from "./constants-compile.js";

const SOURCE = new URL("constants-probe.c", import.meta.url);

/** C expression → what the tables say that it is. */
type Expected = Readonly<Record<string, string | number>>;

const number = (expression: string): string => `NUMBER("${expression}", ${expression})`;
const text = (expression: string, of: string): string => `TEXT("${expression}", ${of})`;
/** For an option that this system lacks: its name must be unknown to the headers, too. */
const missing = (name: string): string => `\n#ifdef ${name}\n${number(name)}\n#else\nNUMBER("${name}", -1)\n#endif\n`;

function probe(rows: readonly string[], flags: readonly string[] = []): Expected {
  const { stdout } = withProgram(SOURCE, rows, flags, (program) => run(program, []));
  const lines = stdout.trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = line.split("=");
      return [name, /^-?\d+$/.test(value.join("=")) ? Number(value.join("=")) : value.join("=")];
    }),
  );
}

/** All tables must be there and nothing may be left out: both sides have the same names and the same values. */
function expectSame(expected: Expected, rows: readonly string[], flags: readonly string[] = []): void {
  expect(rows).toHaveLength(Object.keys(expected).length);
  expect(probe(rows, flags)).toEqual(expected);
}

describe.runIf(process.platform === "linux")("the Linux tables are what a C program sees", () => {
  test("constants", () => {
    expectSame(facts.constants, Object.keys(facts.constants).map(number));
  });

  test("error numbers", () => {
    expectSame(facts.errno, Object.keys(facts.errno).map(number));
  });

  test("error texts", () => {
    const expected = Object.fromEntries(
      Object.entries(facts.errnoTexts).map(([code, words]) => [`strerror(${code})`, words]),
    );
    expectSame(
      expected,
      Object.keys(facts.errnoTexts).map((code) => text(`strerror(${code})`, code)),
    );
  });

  test("options and their levels", () => {
    const options = Object.fromEntries(OPTIONS.map((option) => [option.name, option.number]));
    const levels = Object.fromEntries(OPTIONS.map((option) => [option.levelName, option.level]));
    expectSame({ ...options, ...levels }, [
      ...OPTIONS.map((option) => (option.number === -1 ? missing(option.name) : number(option.name))),
      ...Object.keys(levels).map(number),
    ]);
  });

  test("TCP states", () => {
    const expected = Object.fromEntries(
      Object.entries(TCP_STATES).map(([value, name]) => [`TCP_${name}`, Number(value)]),
    );
    expectSame(expected, Object.keys(expected).map(number));
  });

  test("sizes and offsets of structs", () => {
    const expected = {
      "sizeof(struct sockaddr_in)": facts.sockaddrInSize,
      "offsetof(struct sockaddr_in, sin_family)": 0,
      "sizeof(((struct sockaddr_in *)0)->sin_family)": 2,
      "offsetof(struct sockaddr_in, sin_port)": SOCKADDR_OFFSETS.port,
      "offsetof(struct sockaddr_in, sin_addr)": SOCKADDR_OFFSETS.ipv4,
      "sizeof(struct sockaddr_in6)": facts.sockaddrIn6Size,
      "offsetof(struct sockaddr_in6, sin6_port)": SOCKADDR_OFFSETS.port,
      "offsetof(struct sockaddr_in6, sin6_flowinfo)": SOCKADDR_OFFSETS.flowinfo,
      "offsetof(struct sockaddr_in6, sin6_addr)": SOCKADDR_OFFSETS.ipv6,
      "offsetof(struct sockaddr_in6, sin6_scope_id)": SOCKADDR_OFFSETS.scopeId,
      "offsetof(struct sockaddr_un, sun_path)": facts.unixPathOffset,
      "sizeof(((struct sockaddr_un *)0)->sun_path)": facts.unixPathSize,
      "sizeof(struct sockaddr_storage)": SOCKADDR_STORAGE_SIZE,
      "sizeof(struct epoll_event)": facts.epollEventSize,
      "offsetof(struct epoll_event, events)": 0,
      "offsetof(struct epoll_event, data)": facts.epollDataOffset,
      "sizeof(struct linger)": facts.lingerSize,
      "offsetof(struct linger, l_linger)": 4,
      "sizeof(struct timeval)": facts.timevalSize,
      "offsetof(struct timeval, tv_usec)": 8,
      "sizeof(((struct timeval *)0)->tv_usec)": facts.timevalUsecSize,
      "sizeof(struct msghdr)": facts.msghdrSize,
      "offsetof(struct msghdr, msg_namelen)": 8,
      "offsetof(struct msghdr, msg_iov)": 16,
      "offsetof(struct msghdr, msg_iovlen)": 24,
      "offsetof(struct msghdr, msg_control)": 32,
      "offsetof(struct msghdr, msg_controllen)": 40,
      "sizeof(((struct msghdr *)0)->msg_controllen)": facts.msghdrLengthSize,
      "offsetof(struct msghdr, msg_flags)": facts.msghdrFlagsOffset,
      "sizeof(((struct cmsghdr *)0)->cmsg_len)": facts.cmsgLengthSize,
      "CMSG_SPACE(1) - CMSG_LEN(0)": facts.cmsgAlignment,
      "sizeof(struct in_pktinfo)": 12,
      "offsetof(struct in_pktinfo, ipi_addr)": 8,
      "sizeof(struct ucred)": 12,
      "offsetof(struct ucred, gid)": 8,
      "sizeof(struct pollfd)": facts.pollfdSize,
      "offsetof(struct pollfd, events)": 4,
      "offsetof(struct pollfd, revents)": 6,
      "sizeof(struct ip_mreq)": 8,
      "offsetof(struct ip_mreq, imr_interface)": 4,
      "sizeof(struct ipv6_mreq)": 20,
      "offsetof(struct ipv6_mreq, ipv6mr_interface)": 16,
      "sizeof(struct in_addr)": 4,
      "sizeof(socklen_t)": 4,
    };
    expectSame(expected, Object.keys(expected).map(number));
  });

  test("the fields of struct tcp_info", () => {
    const expected = Object.fromEntries(
      Object.values(TCP_INFO_FIELDS).flatMap(([name, offset, size]) => [
        [`offsetof(struct tcp_info, ${name})`, offset],
        [`sizeof(((struct tcp_info *)0)->${name})`, size],
      ]),
    );
    expectSame(expected, Object.keys(expected).map(number), ["-DPROBE_TCP_INFO"]);
  });

  test("the C library's older struct tcp_info is the smallest that is read", () => {
    expectSame({ "sizeof(struct tcp_info)": TCP_INFO_MINIMUM }, [number("sizeof(struct tcp_info)")]);
    expect(TCP_INFO_SIZE).toBeGreaterThan(TCP_INFO_MINIMUM);
  });
});
