import { isIP } from "node:net";
import { formatIPv4, formatIPv6, ipFamily, parseIPv4, parseIPv6 } from "kernel-helpers/dist/bytes/index.js";
import { describe, expect, test } from "vitest";
import { randomBytes, seeded } from "./random.js";

const bytes = (hex: string): number[] => [...Buffer.from(hex.replaceAll(/[^0-9a-f]/g, ""), "hex")];

describe("IPv4", () => {
  test("20,000 texts out of parts that are numbers or nearly are: an address for us when it is one for Node", () => {
    const next = seeded(4);
    const parts = [
      "0",
      "1",
      "9",
      "10",
      "99",
      "100",
      "199",
      "249",
      "255",
      "256",
      "260",
      "300",
      "999",
      "00",
      "01",
      "010",
      "1000",
      "",
      "a",
    ];
    for (let i = 0; i < 20_000; i++) {
      // Mostly four parts that are numbers: else hardly one would be an address.
      const count = next(10) < 8 ? 4 : next(6);
      const limit = next(2) === 0 ? 9 : parts.length;
      const text = Array.from({ length: count }, () => parts[next(limit)]).join(".");
      expect(ipFamily(text), text).toBe(isIP(text));
    }
  });

  test.each([
    ["0.0.0.0", [0, 0, 0, 0]],
    ["127.0.0.1", [127, 0, 0, 1]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["1.20.0.100", [1, 20, 0, 100]],
  ])("%s", (text, expected) => {
    expect([...parseIPv4(text)]).toEqual(expected);
    expect(formatIPv4(Uint8Array.from(expected))).toBe(text);
  });

  test.each([
    ["1.2.3.4.5", "four numbers"],
    ["300.0.0.0", "four numbers"],
    ["0.0.0.256", "four numbers"],
    ["0.0.0.", "four numbers"],
    [".0.0.0", "four numbers"],
    ["1.2.3", "four numbers"],
    ["2130706433", "four numbers"],
    ["", "four numbers"],
    ["01.2.3.4", "leading zeros"],
    ["127.0.0.00", "leading zeros"],
    ["::1", "IPv6"],
    ["[::1]", "IPv6"],
    ["127.0.0.1:☺", "port separately"],
    ["127.0.0.1:80", "port separately"],
    ["localhost", "names are not looked up"],
    ["0x7f.0.0.1", "names are not looked up"],
    [" 127.0.0.1", "names are not looked up"],
    ["127.0.0.1\n", "names are not looked up"],
    ["-1.0.0.0", "names are not looked up"],
    ["1.2.3.٤", "names are not looked up"],
  ])("%j is refused with the text and advice", (text, advice) => {
    expect(() => parseIPv4(text)).toThrow(TypeError);
    expect(() => parseIPv4(text)).toThrow(JSON.stringify(text));
    expect(() => parseIPv4(text)).toThrow(advice);
  });

  test.each([undefined, null, 127, ["127.0.0.1"]])("%s is not text", (value) => {
    expect(() => parseIPv4(value as never)).toThrow(TypeError);
  });

  test("every four bytes come back", () => {
    const next = seeded(2);
    for (let round = 0; round < 500; round++) {
      const address = randomBytes(next, 4);
      expect(parseIPv4(formatIPv4(address))).toEqual(address);
    }
  });

  test.each([0, 3, 5, 16])("%i bytes have no text", (length) => {
    expect(() => formatIPv4(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe("IPv6 text to bytes", () => {
  test.each([
    ["::", "00".repeat(16)],
    ["::1", `${"00".repeat(15)}01`],
    ["1::", `0001${"00".repeat(14)}`],
    ["2001:db8::8:800:200c:417a", "20010db8 00000000 00080800 200c417a"],
    ["2001:0DB8:0000:0000:0008:0800:200C:417A", "20010db8 00000000 00080800 200c417a"],
    ["1:2:3:4:5:6:7:8", "00010002 00030004 00050006 00070008"],
    ["1:2:3:4:5:6:7::", "00010002 00030004 00050006 00070000"],
    ["::2:3:4:5:6:7:8", "00000002 00030004 00050006 00070008"],
    ["::ffff:192.0.2.33", "00000000 00000000 0000ffff c0000221"],
    ["1:2:3:4:5:6:1.2.3.4", "00010002 00030004 00050006 01020304"],
    ["::1.2.3.4", "00000000 00000000 00000000 01020304"],
  ])("%s", (text, hex) => {
    expect([...parseIPv6(text).bytes]).toEqual(bytes(hex));
    expect(parseIPv6(text).scopeId).toBe(0);
  });

  test.each([
    ["fe80::1%2", 2],
    ["fe80::1%0", 0],
    ["fe80::1%4294967295", 4294967295],
  ])("%s names an interface", (text, scopeId) => {
    expect(parseIPv6(text).scopeId).toBe(scopeId);
  });

  test.each([
    ["", "names are not looked up"],
    ["localhost", "names are not looked up"],
    ["127.0.0.1", "AF_INET socket"],
    ["[::1]", "brackets"],
    ["[::1]:80", "brackets"],
    [":", "eight groups"],
    [":::", "eight groups"],
    ["1::2::3", "eight groups"],
    ["1:2:3:4:5:6:7", "eight groups"],
    ["1:2:3:4:5:6:7:8:9", "eight groups"],
    ["1:2:3:4::5:6:7:8", "eight groups"],
    ["::1:2:3:4:5:6:7:8", "eight groups"],
    ["12345::", "eight groups"],
    ["g::", "eight groups"],
    [":1:2:3:4:5:6:7:8", "eight groups"],
    ["1:2:3:4:5:6:7:", "eight groups"],
    ["::1.2.3", "eight groups"],
    ["::1.2.3.256", "eight groups"],
    ["1.2.3.4::", "eight groups"],
    ["::1.2.3.4:5", "eight groups"],
    ["1:2:3:4:5:6:7:1.2.3.4", "eight groups"],
    ["::1 ", "eight groups"],
    ["fe80::1%eth0", "number of the network interface"],
    ["fe80::1%", "number of the network interface"],
    ["fe80::1%-1", "number of the network interface"],
    ["fe80::1%4294967296", "number of the network interface"],
    ["fe80::1%1%2", "number of the network interface"],
  ])("%j is refused with the text and advice", (text, advice) => {
    expect(() => parseIPv6(text)).toThrow(TypeError);
    expect(() => parseIPv6(text)).toThrow(JSON.stringify(text));
    expect(() => parseIPv6(text)).toThrow(advice);
  });
});

describe("IPv6 bytes to text, by RFC 5952", () => {
  test.each([
    ["no zeros stay in front of a group (4.1)", "20010db8 00010002 0a000b00 c00d0001", "2001:db8:1:2:a00:b00:c00d:1"],
    ["the run is shortened as far as it goes (4.2.1)", "20010db8 00000000 00000000 00020001", "2001:db8::2:1"],
    ["one zero group is not shortened (4.2.2)", "20010db8 00000001 00010001 00010001", "2001:db8:0:1:1:1:1:1"],
    ["the longest run is shortened (4.2.3)", "20010000 00000001 00000000 00000001", "2001:0:0:1::1"],
    ["the first of two equal runs is shortened (4.2.3)", "20010db8 00000000 00010000 00000001", "2001:db8::1:0:0:1"],
    ["letters are small (4.3)", "FE800000 00000000 0202B3FF FE1E8329", "fe80::202:b3ff:fe1e:8329"],
    ["IPv4 inside is written with dots (5)", "00000000 00000000 0000ffff c0000201", "::ffff:192.0.2.1"],
    ["a run at the end", "ff020000 00000000 00000000 00000000", "ff02::"],
    ["a run at the beginning", "00000000 00000000 00000000 00000001", "::1"],
    ["nothing but zeros", "00".repeat(16), "::"],
    ["no zeros at all", "00010002 00030004 00050006 00070008", "1:2:3:4:5:6:7:8"],
  ])("%s", (_, hex, text) => {
    expect(formatIPv6(Uint8Array.from(bytes(hex.toLowerCase())))).toBe(text);
  });

  test.each([0, 4, 15, 17])("%i bytes have no text", (length) => {
    expect(() => formatIPv6(new Uint8Array(length))).toThrow(RangeError);
  });

  test("every sixteen bytes come back, with zero groups in all places", () => {
    const next = seeded(3);
    for (let round = 0; round < 2000; round++) {
      const address = randomBytes(next, 16);
      for (let group = 0; group < 8; group++) if (next(3) > 0) address.fill(0, 2 * group, 2 * group + 2);
      expect(parseIPv6(formatIPv6(address)).bytes).toEqual(address);
    }
  });
});

describe("ipFamily", () => {
  test.each([
    ["127.0.0.1", 4],
    ["::1", 6],
    ["fe80::1%2", 6],
    ["::ffff:1.2.3.4", 6],
    ["localhost", 0],
    ["127.0.0.1:80", 0],
    ["", 0],
  ])("%j is %i", (text, family) => {
    expect(ipFamily(text)).toBe(family);
  });

  test("what is not text is no address", () => {
    expect(ipFamily(127 as never)).toBe(0);
  });

  test("agrees with Node about texts made of the right characters", () => {
    const next = seeded(4);
    const characters = "0123456789abf:.:.::";
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: 1 + next(14) }, () => characters[next(characters.length)]).join("");
      expect([text, ipFamily(text)]).toEqual([text, isIP(text)]);
    }
  });
});
