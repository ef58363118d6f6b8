import { quoteBytes } from "kernel-helpers/dist/bytes/index.js";
import {
  constants,
  exactNameOf,
  type FlagGroup,
  flagNames,
  OPTIONS,
  optionName,
  protocolName,
  socketTypeName,
} from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { randomBytes, seeded } from "../unit/bytes/random.js";
import { run, withProgram } from "./constants-compile.js";

const SOURCE = new URL("constants-calls.c", import.meta.url);
const TRACED = "socket,sendto,shutdown,poll,epoll_ctl,epoll_create1,eventfd2,fcntl,setsockopt,accept4";

/** A call in C, and how strace's line for it must begin. */
type Row = readonly [c: string, line: string];

/** Runs the calls under strace and compares line by line. */
function expectWords(rows: readonly Row[]): void {
  const lines = withProgram(
    SOURCE,
    rows.map(([c]) => `${c};`),
    ["-Wno-nonnull", "-Wno-stringop-overread"],
    (program) =>
      run("strace", ["-qq", "-e", `trace=${TRACED}`, "-e", "signal=none", program])
        .stderr.trimEnd()
        .split("\n"),
  );
  expect(lines).toHaveLength(rows.length);
  expect(lines.map((line, index) => line.slice(0, rows[index]![1].length))).toEqual(rows.map(([, line]) => line));
}

const int = (value: number): number => value | 0;
const c = constants;

/** Each flag alone, all together, with bits that have no name, such bits alone, none, and 40 chance sets. */
function sets(names: readonly number[], unnamed: number, seed: number): number[] {
  const next = seeded(seed);
  const all = names.reduce((set, bit) => (set | bit) >>> 0, 0);
  const chance = Array.from({ length: 40 }, () => names.reduce((set, bit) => (next(2) ? (set | bit) >>> 0 : set), 0));
  return [0, unnamed, all, (all | unnamed) >>> 0, ...names, ...chance, ...names.map((bit) => (bit | unnamed) >>> 0)];
}

const valuesOf = (pattern: RegExp): number[] =>
  Object.entries(constants)
    .filter(([name, value]) => pattern.test(name) && value !== 0)
    .map(([, value]) => value);

/** The constants of a group, bits that have no name, the call that shows a set, and strace's words around it. */
interface FlagCase {
  readonly names: RegExp;
  readonly unnamed: number;
  readonly call: (set: number) => string;
  readonly line: (words: string) => string;
}

const FLAG_CASES: Readonly<Record<FlagGroup, FlagCase>> = {
  msg: {
    names: /^MSG_/,
    unnamed: 0x800000,
    call: (set) => `sendto(-1, "", 0, ${set}, NULL, 0)`,
    line: (words) => `sendto(-1, "", 0, ${words}, NULL`,
  },
  sock: {
    names: /^SOCK_(CLOEXEC|NONBLOCK)/,
    unnamed: 0x60,
    call: (set) => `accept4(-1, NULL, NULL, ${set})`,
    line: (words) => `accept4(-1, NULL, NULL, ${words})`,
  },
  poll: {
    names: /^POLL/,
    unnamed: 0x4800,
    // strace leaves the events of fd -1 out, so this one asks about standard input.
    call: (set) => `poll(&(struct pollfd){ .fd = 0, .events = (short)${set} }, 1, 0)`,
    line: (words) => `poll([{fd=0, events=${words}}]`,
  },
  epoll: {
    names: /^EPOLL(?!_)/,
    unnamed: 0x4000,
    call: (set) => `epoll_ctl(-1, EPOLL_CTL_ADD, 3, &(struct epoll_event){ .events = (unsigned)${set} })`,
    line: (words) => `epoll_ctl(-1, EPOLL_CTL_ADD, 3, {events=${words}, data`,
  },
  epollCreate: {
    names: /^EPOLL_CLOEXEC/,
    unnamed: 0x1,
    call: (set) => `epoll_create1(${set})`,
    line: (words) => `epoll_create1(${words})`,
  },
  eventfd: {
    names: /^EFD_/,
    unnamed: 0x100,
    call: (set) => `eventfd(0, ${set})`,
    line: (words) => `eventfd2(0, ${words})`,
  },
  open: {
    names: /^O_(APPEND|NONBLOCK|CLOEXEC|WRONLY|RDWR)/,
    unnamed: 0x40000000,
    call: (set) => `fcntl(-1, F_SETFL, ${set})`,
    line: (words) => `fcntl(-1, F_SETFL, ${words})`,
  },
  fd: {
    names: /^FD_/,
    unnamed: 0x4,
    call: (set) => `fcntl(-1, F_SETFD, ${set})`,
    line: (words) => `fcntl(-1, F_SETFD, ${words})`,
  },
};

describe.runIf(process.platform === "linux")("numbers are named in strace's words", () => {
  test("families, types with flags, and protocols of socket", () => {
    const families = [c.AF_UNSPEC, c.AF_UNIX, c.AF_INET, c.AF_INET6, 99, -1];
    const types = [0, 1, 2, 3, 4, 5, 7, 77, -1];
    const flags = [
      0,
      c.SOCK_CLOEXEC,
      c.SOCK_NONBLOCK,
      c.SOCK_CLOEXEC | c.SOCK_NONBLOCK,
      0x10000,
      c.SOCK_NONBLOCK | 0x60,
    ];
    const protocols = [0, 1, 2, 6, 17, 41, 58, 132, 136, 255, 99];
    const call = (family: number, type: number, protocol: number): Row => [
      `socket(${family}, ${int(type)}, ${protocol})`,
      `socket(${exactNameOf("family", family)}, ${socketTypeName(type)}, ${protocolName(family, protocol)})`,
    ];
    expectWords([
      ...families.map((family) => call(family, 1, 0)),
      ...types.flatMap((type) => flags.map((flag) => call(c.AF_INET, type | flag, 0))),
      ...[c.AF_UNIX, c.AF_INET, c.AF_INET6].flatMap((family) => protocols.map((protocol) => call(family, 1, protocol))),
    ]);
  });

  test.each(Object.keys(FLAG_CASES) as FlagGroup[])("flags: %s", (group) => {
    const { names, unnamed, call, line } = FLAG_CASES[group];
    const values = sets(valuesOf(names), unnamed, 6);
    expectWords(values.map((value): Row => [call(int(value)), line(flagNames(group, value))]));
  });

  test("how of shutdown, operations of epoll_ctl, commands of fcntl", () => {
    expectWords([
      ...[0, 1, 2, 3, -1].map((how): Row => [`shutdown(-1, ${how})`, `shutdown(-1, ${exactNameOf("how", how)})`]),
      ...[1, 2, 3, 9].map(
        (op): Row => [
          `epoll_ctl(-1, ${op}, 3, &(struct epoll_event){ 0 })`,
          `epoll_ctl(-1, ${exactNameOf("epollOp", op)}, 3, `,
        ],
      ),
      ...[c.F_DUPFD, c.F_DUPFD_CLOEXEC, 999].map(
        (command): Row => [`fcntl(-1, ${command}, 0)`, `fcntl(-1, ${exactNameOf("fcntl", command)}, `],
      ),
      ...[c.F_GETFD, c.F_GETFL].map(
        (command): Row => [`fcntl(-1, ${command})`, `fcntl(-1, ${exactNameOf("fcntl", command)})`],
      ),
    ]);
  });

  test("levels and options", () => {
    const known = OPTIONS.filter((option) => option.number !== -1).map((o) => [o.level, o.number] as const);
    const unknown = [c.SOL_SOCKET, c.SOL_TCP, c.SOL_IP, c.SOL_IPV6, 99].map((level) => [level, 999] as const);
    // setsockopt, because strace has another name for reading number 26: SO_GET_FILTER.
    expectWords(
      [...known, ...unknown].map(
        ([level, number]): Row => [
          `setsockopt(-1, ${level}, ${number}, NULL, 0)`,
          `setsockopt(-1, ${exactNameOf("level", level)}, ${optionName(level, number)}, `,
        ],
      ),
    );
  });

  test("bytes of every kind, with digits and zeros close together", () => {
    const next = seeded(7);
    const digits = Buffer.from("\x000123456789\n\t");
    const chance = Array.from({ length: 200 }, () => {
      const length = next(41);
      return next(2) ? randomBytes(next, length) : Uint8Array.from({ length }, () => digits[next(digits.length)]!);
    });
    const everyByte = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    expectWords(
      [...everyByte, ...chance].map((bytes): Row => {
        const literal = Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
        return [
          `sendto(-1, "${literal}", ${bytes.byteLength}, 0, NULL, 0)`,
          `sendto(-1, ${quoteBytes(bytes)}, ${bytes.byteLength}, 0,`,
        ];
      }),
    );
  });
});
