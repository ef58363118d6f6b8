import { decodeOptionValue, encodeOptionValue } from "kernel-helpers/dist/bytes/index.js";
import * as facts from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

const linux = facts.factsOf("linux-x64");
const mac = facts.factsOf("darwin-arm64");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A row of a table: any option with a value that fits it. */
const encode = (option: facts.SocketOption<unknown>, value: unknown, platform = linux): Uint8Array =>
  encodeOptionValue(option, value as never, platform);

describe("values of options in bytes", () => {
  test.each([
    [facts.SO_SNDBUF, 5000, "88130000"],
    [facts.IPV6_UNICAST_HOPS, -1, "ffffffff"],
    [facts.SO_REUSEADDR, 1, "01000000"],
    [facts.TCP_NODELAY, 0, "00000000"],
    [facts.SO_LINGER, { onoff: true, linger: 5 }, "0100000005000000"],
    [facts.SO_LINGER, { onoff: false, linger: 0 }, "0000000000000000"],
    [facts.SO_RCVTIMEO, 1500, "010000000000000020a1070000000000"],
    [facts.SO_SNDTIMEO, 0, "00".repeat(16)],
    [facts.IP_MULTICAST_IF, "127.0.0.1", "7f000001"],
    [facts.IP_ADD_MEMBERSHIP, { group: "239.1.2.3", interface: "127.0.0.1" }, "ef0102037f000001"],
    [facts.IPV6_JOIN_GROUP, { group: "ff02::1", interface: 2 }, `ff02${"00".repeat(13)}0102000000`],
    [facts.SO_BINDTODEVICE, "lo", "6c6f00"],
    [facts.SO_ATTACH_FILTER, Uint8Array.of(6, 0, 0, 0, 1, 0, 0, 0), "0600000001000000"],
  ])("$name takes %j and gives it back", (option, value, bytes) => {
    expect(hex(encode(option, value))).toBe(bytes);
    expect(decodeOptionValue<unknown>(option, Buffer.from(bytes, "hex"), linux)).toEqual(value);
  });

  test("true and false are 1 and 0", () => {
    expect(hex(encodeOptionValue(facts.SO_KEEPALIVE, true))).toBe("01000000");
    expect(hex(encodeOptionValue(facts.SO_KEEPALIVE, false))).toBe("00000000");
  });

  test("one byte is read as a number, as Linux returns it for a room of one byte", () => {
    expect(decodeOptionValue(facts.IP_MULTICAST_TTL, Uint8Array.of(200))).toBe(200);
  });

  test("a byte option is one byte", () => {
    const option = { ...facts.IP_MULTICAST_TTL, kind: "byte" } as const;
    expect(hex(encode(option, 255))).toBe("ff");
    expect(() => encode(option, 256)).toThrow(RangeError);
  });

  test("macOS has 32 bits for the microseconds of a time", () => {
    const bytes = encodeOptionValue(facts.SO_RCVTIMEO, 1500.25, mac);
    expect(hex(bytes)).toBe("01000000000000001aa2070000000000");
    bytes.fill(0xff, 12);
    expect(decodeOptionValue(facts.SO_RCVTIMEO, bytes, mac)).toBe(1500.25);
  });

  test("a wait shorter than a microsecond is rounded up, as 0 would wait for ever", () => {
    expect(decodeOptionValue(facts.SO_RCVTIMEO, encodeOptionValue(facts.SO_RCVTIMEO, 1e-9, linux), linux)).toBe(0.001);
  });

  test("text ends at its first zero", () => {
    expect(decodeOptionValue(facts.TCP_CONGESTION, Buffer.from("cubic\0\0\0"))).toBe("cubic");
    expect(decodeOptionValue(facts.SO_BINDTODEVICE, new Uint8Array(0))).toBe("");
  });

  test("bytes are copied both ways, even from a Buffer", () => {
    const filter = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]);
    const encoded = encode(facts.SO_ATTACH_FILTER, filter);
    const decoded = decodeOptionValue(facts.SO_ATTACH_FILTER, filter);
    filter.fill(0xff);
    expect([encoded[0], decoded[0]]).toEqual([6, 6]);
  });

  test.each([
    [facts.SO_SNDBUF, 1.5, RangeError],
    [facts.SO_SNDBUF, Number.NaN, RangeError],
    [facts.SO_SNDBUF, 2 ** 31, RangeError],
    [facts.SO_SNDBUF, "5000", TypeError],
    [facts.SO_SNDBUF, true, TypeError],
    [facts.SO_SNDBUF, undefined, TypeError],
    [facts.SO_REUSEADDR, "yes", TypeError],
    [facts.SO_REUSEADDR, 0.5, RangeError],
    [facts.SO_LINGER, 5, TypeError],
    [facts.SO_LINGER, { onoff: 1, linger: 5 }, TypeError],
    [facts.SO_LINGER, { onoff: true, linger: -1 }, RangeError],
    [facts.SO_LINGER, { onoff: true, linger: 1.5 }, RangeError],
    [facts.SO_LINGER, { onoff: true }, TypeError],
    [facts.SO_RCVTIMEO, -1, RangeError],
    [facts.SO_RCVTIMEO, Number.NaN, RangeError],
    [facts.SO_RCVTIMEO, Number.POSITIVE_INFINITY, RangeError],
    [facts.SO_RCVTIMEO, "1", TypeError],
    [facts.SO_BINDTODEVICE, 1, TypeError],
    [facts.SO_ATTACH_FILTER, "drop", TypeError],
    [facts.IP_ADD_MEMBERSHIP, "239.1.2.3", TypeError],
    [facts.IPV6_JOIN_GROUP, { group: "ff02::1", interface: -1 }, RangeError],
    [facts.TCP_INFO, {}, RangeError],
  ])("$name refuses %j and says its name", (option, value, error) => {
    expect(() => encode(option, value)).toThrow(error);
    expect(() => encode(option, value)).toThrow(option.name);
  });

  test.each([facts.SO_SNDBUF, facts.SO_LINGER, facts.SO_RCVTIMEO, facts.TCP_INFO, facts.IPV6_JOIN_GROUP])(
    "$name does not read past what was returned",
    (option) => {
      expect(() => decodeOptionValue<unknown>(option, new Uint8Array(0), linux)).toThrow(option.name);
    },
  );
});

describe("TCP_INFO", () => {
  /** A struct in which every field holds its own offset, plus 1. */
  function sample(length: number): Uint8Array {
    const bytes = new Uint8Array(facts.TCP_INFO_SIZE);
    const view = new DataView(bytes.buffer);
    for (const [, offset, size] of Object.values(facts.TCP_INFO_FIELDS)) {
      if (size === 1) view.setUint8(offset, offset + 1);
      else if (size === 4) view.setUint32(offset, offset + 1, true);
      else view.setBigUint64(offset, BigInt(offset + 1), true);
    }
    return bytes.subarray(0, length);
  }

  test("every field is read from its place", () => {
    const info: Record<string, unknown> = { ...decodeOptionValue(facts.TCP_INFO, sample(facts.TCP_INFO_SIZE)) };
    expect(info.state).toBe("ESTABLISHED");
    for (const [name, [, offset]] of Object.entries(facts.TCP_INFO_FIELDS)) {
      if (name !== "state") expect([name, info[name]]).toEqual([name, offset + 1]);
    }
    expect(info).not.toHaveProperty("acceptQueue");
  });

  test("fields end where the kernel's struct ends", () => {
    const info = decodeOptionValue(facts.TCP_INFO, sample(130));
    expect(info.totalRetrans).toBe(101);
    expect(info.bytesAcked).toBe(121);
    expect(info).not.toHaveProperty("bytesReceived");
    expect(decodeOptionValue(facts.TCP_INFO, sample(104))).not.toHaveProperty("pacingRate");
    expect(() => decodeOptionValue(facts.TCP_INFO, sample(103))).toThrow(RangeError);
  });

  test("a listening socket has two queue numbers", () => {
    const bytes = sample(facts.TCP_INFO_SIZE);
    bytes[0] = 10;
    const info = decodeOptionValue(facts.TCP_INFO, bytes);
    expect(info).toMatchObject({ state: "LISTEN", acceptQueue: info.unacked, backlog: info.sacked });
    expect([info.acceptQueue, info.backlog]).toEqual([25, 29]);
  });

  test("no limit is Infinity, and a state without a word is its number", () => {
    const bytes = sample(facts.TCP_INFO_SIZE);
    bytes.fill(0xff, 112, 120);
    bytes[0] = 77;
    expect(decodeOptionValue(facts.TCP_INFO, bytes)).toMatchObject({
      maxPacingRate: Number.POSITIVE_INFINITY,
      state: "77",
    });
  });
});
