import {
  decodeSockaddr,
  encodeSockaddr,
  formatSockaddr,
  SOCKADDR_STORAGE_SIZE,
  type SocketAddress,
} from "kernel-helpers/dist/bytes/index.js";
import { factsOf } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { randomBytes, seeded } from "./random.js";

const linux = factsOf("linux-x64");
const mac = factsOf("darwin-arm64");

const ipv4 = (address: string, port: unknown): SocketAddress => ({ family: "AF_INET", address, port: port as number });
const ipv6 = (address: string, port: number, flowinfo = 0, scopeId = 0): SocketAddress => ({
  family: "AF_INET6",
  address,
  port,
  flowinfo,
  scopeId,
});
const unix = (path: string): SocketAddress => ({ family: "AF_UNIX", path });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("the bytes of an address on Linux and on macOS", () => {
  const PORT_80 = "0050";
  test.each([
    [ipv4("127.0.0.1", 80), `0200${PORT_80}7f000001${"00".repeat(8)}`, `1002${PORT_80}7f000001${"00".repeat(8)}`],
    [
      ipv6("::1", 80, 7, 2),
      `0a00${PORT_80}00000007${"00".repeat(15)}0102000000`,
      `1c1e${PORT_80}00000007${"00".repeat(15)}0102000000`,
    ],
    [unix("/tmp/s"), "01002f746d702f7300", "09012f746d702f7300"],
    [unix(""), "0100", "0201"],
    [{ family: "AF_UNSPEC" } as const, "00".repeat(16), `10${"00".repeat(15)}`],
  ])("%j", (address, onLinux, onMac) => {
    expect(hex(encodeSockaddr(address, linux))).toBe(onLinux);
    expect(hex(encodeSockaddr(address, mac))).toBe(onMac);
    expect(decodeSockaddr(Buffer.from(onLinux, "hex"), onLinux.length / 2, linux)).toEqual(address);
    expect(decodeSockaddr(Buffer.from(onMac, "hex"), onMac.length / 2, mac)).toEqual(address);
  });

  test("an abstract name is as long as the address says, and exists on Linux only", () => {
    expect(hex(encodeSockaddr(unix("\0abs"), linux))).toBe("010000616273");
    expect(decodeSockaddr(Buffer.from("0100006100620000", "hex"), 8, linux)).toEqual(unix("\0a\0b\0\0"));
    expect(() => encodeSockaddr(unix("\0abs"), mac)).toThrow(RangeError);
  });

  test("a nameless macOS socket comes with zeros", () => {
    expect(decodeSockaddr(Buffer.from(`1001${"00".repeat(14)}`, "hex"), 16, mac)).toEqual(unix(""));
  });

  test("an interface may stand in the address or beside it, but not differ", () => {
    expect(encodeSockaddr(ipv6("fe80::1%3", 1), linux)).toEqual(encodeSockaddr(ipv6("fe80::1", 1, 0, 3), linux));
    expect(encodeSockaddr(ipv6("fe80::1%3", 1, 0, 3), linux)).toEqual(encodeSockaddr(ipv6("fe80::1%3", 1), linux));
    expect(() => encodeSockaddr(ipv6("fe80::1%3", 1, 0, 4), linux)).toThrow(RangeError);
  });

  test("every address comes back", () => {
    const next = seeded(5);
    for (const platform of [linux, factsOf("linux-arm64"), factsOf("darwin-x64"), mac]) {
      for (let round = 0; round < 200; round++) {
        const v4 = ipv4(Array.from(randomBytes(next, 4)).join("."), next(65536));
        const v6 = ipv6(`2001:db8::${next(0xffff).toString(16)}:1`, next(65536), next(2 ** 20), next(2 ** 32));
        const path = unix(`/${"x".repeat(next(100))}`);
        for (const address of [v4, v6, path]) {
          const bytes = encodeSockaddr(address, platform);
          expect(decodeSockaddr(bytes, bytes.byteLength, platform)).toEqual(address);
        }
      }
    }
  });
});

describe("what is refused before a call", () => {
  test.each([-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("port %d is a RangeError", (port) => {
    expect(() => encodeSockaddr(ipv4("127.0.0.1", port))).toThrow(RangeError);
    expect(() => encodeSockaddr(ipv4("127.0.0.1", port))).toThrow(`${port}`);
    expect(() => encodeSockaddr(ipv6("::1", port))).toThrow(RangeError);
  });

  test.each([
    ["80", '"80"'],
    [undefined, "undefined"],
    [null, "null"],
    [80n, "80n"],
  ])("port %s is a TypeError", (port, shown) => {
    expect(() => encodeSockaddr(ipv4("127.0.0.1", port))).toThrow(TypeError);
    expect(() => encodeSockaddr(ipv4("127.0.0.1", port))).toThrow(shown);
  });

  test.each([0, 65535])("port %i is taken", (port) => {
    expect(decodeSockaddr(encodeSockaddr(ipv4("127.0.0.1", port)))).toEqual(ipv4("127.0.0.1", port));
  });

  test.each([
    [ipv4("localhost", 80), TypeError],
    [ipv4("::1", 80), TypeError],
    [ipv6("127.0.0.1", 80), TypeError],
    [ipv6("::1", 80, -1), RangeError],
    [ipv6("::1", 80, 0, 2 ** 32), RangeError],
    [{ family: "AF_UNIX" }, TypeError],
    [unix("/a\0b"), TypeError],
    [{ family: "AF_NONE" }, TypeError],
    [{ family: "99" }, TypeError],
    [{}, TypeError],
    [undefined, TypeError],
    ["127.0.0.1:80", TypeError],
  ])("%j", (address, error) => {
    expect(() => encodeSockaddr(address as SocketAddress)).toThrow(error);
  });

  test.each([
    ["linux-x64", 107],
    ["darwin-arm64", 103],
  ] as const)("on %s a path has at most %i bytes", (name, most) => {
    const platform = factsOf(name);
    expect(encodeSockaddr(unix("x".repeat(most)), platform).byteLength).toBe(2 + platform.unixPathSize);
    expect(() => encodeSockaddr(unix("x".repeat(most + 1)), platform)).toThrow(RangeError);
    // Bytes count, not characters: "é" has two.
    expect(() => encodeSockaddr(unix("é".repeat(most / 2 + 1)), platform)).toThrow(RangeError);
  });

  test("an abstract name may fill all 108 bytes", () => {
    expect(encodeSockaddr(unix(`\0${"x".repeat(107)}`), linux).byteLength).toBe(110);
    expect(() => encodeSockaddr(unix(`\0${"x".repeat(108)}`), linux)).toThrow(RangeError);
  });
});

describe("what the system returns", () => {
  test("no address at all", () => {
    expect(decodeSockaddr(new Uint8Array(SOCKADDR_STORAGE_SIZE), 0)).toBeUndefined();
    expect(decodeSockaddr(Uint8Array.of(2), 1)).toBeUndefined();
  });

  test("only the bytes that count are read, wherever they lie in their buffer", () => {
    const room = new Uint8Array(256).fill(0xee);
    room.set(encodeSockaddr(ipv4("10.0.0.1", 9), linux), 100);
    expect(decodeSockaddr(room.subarray(100), 16, linux)).toEqual(ipv4("10.0.0.1", 9));
  });

  test("a path may fill its room without an ending zero", () => {
    const bytes = new Uint8Array(110).fill(0x78);
    bytes.set([1, 0]);
    expect(decodeSockaddr(bytes, 110, linux)).toEqual(unix("x".repeat(108)));
  });

  test("a longer address than the room is read as far as it is there", () => {
    expect(decodeSockaddr(encodeSockaddr(ipv4("1.2.3.4", 5), linux), 28, linux)).toEqual(ipv4("1.2.3.4", 5));
  });

  test.each([
    ["shorter than its family needs", "02000050", { family: "2", data: Uint8Array.of(0, 0x50) }],
    ["of a family without a codec", "10000102", { family: "16", data: Uint8Array.of(1, 2) }],
  ])("an address %s keeps its bytes and can be written again", (_, bytes, address) => {
    const decoded = decodeSockaddr(Buffer.from(bytes, "hex"), bytes.length / 2, linux);
    expect(decoded).toEqual(address);
    expect(hex(encodeSockaddr(decoded as SocketAddress, linux))).toBe(bytes);
  });

  test("what is read does not change when the room is used again, even when the room is a Buffer", () => {
    const room = Buffer.from("10000102", "hex");
    const decoded = decodeSockaddr(room, 4, linux);
    room.fill(0xff);
    expect(decoded).toEqual({ family: "16", data: Uint8Array.of(1, 2) });
  });

  test.each([-1, 1.5, Number.NaN])("a length of %d is a mistake of the caller", (length) => {
    expect(() => decodeSockaddr(new Uint8Array(16), length)).toThrow(RangeError);
  });
});

describe("an address as one word", () => {
  test.each([
    [ipv4("127.0.0.1", 80), "127.0.0.1:80"],
    [ipv6("::1", 80), "[::1]:80"],
    [ipv6("fe80::1", 80, 0, 2), "[fe80::1%2]:80"],
    [unix("/run/s"), "unix:/run/s"],
    [unix("\0name"), "unix:@name"],
    [unix("\0a\0b"), "unix:@a\\0b"],
    [unix("/a\x1b[0m\n"), "unix:/a\\u{1b}[0m\\u{a}"],
    [unix(""), "unix:(unnamed)"],
    [{ family: "AF_UNSPEC" } as const, "AF_UNSPEC"],
    [{ family: "99", data: new Uint8Array(3) } as const, "99(3 bytes)"],
  ])("%j is %s", (address, text) => {
    expect(formatSockaddr(address)).toBe(text);
  });
});
