import { htonl, htons, ntohl, ntohs } from "kernel-helpers/dist/bytes/order.js";
import { describe, expect, test } from "vitest";
import { seeded } from "./random.js";

describe("byte order", () => {
  test.each([
    [0, 0],
    [1, 0x0100],
    [80, 0x5000],
    [0x1234, 0x3412],
    [0xff00, 0x00ff],
    [0xffff, 0xffff],
  ])("htons(%i) is %i", (host, network) => {
    expect(htons(host)).toBe(network);
    expect(ntohs(network)).toBe(host);
  });

  test.each([
    [0, 0],
    [1, 0x01000000],
    [0x7f000001, 0x0100007f],
    [0x12345678, 0x78563412],
    [0x80, 0x80000000],
    [0xffffffff, 0xffffffff],
  ])("htonl(%i) is %i, never negative", (host, network) => {
    expect(htonl(host)).toBe(network);
    expect(ntohl(network)).toBe(host);
  });

  test("there and back again gives the same number", () => {
    const next = seeded(1);
    for (let round = 0; round < 1000; round++) {
      const [short, long] = [next(0x10000), next(0x1_0000_0000)];
      expect(ntohs(htons(short))).toBe(short);
      expect(ntohl(htonl(long))).toBe(long);
    }
  });

  test("the bytes in memory are big-endian", () => {
    expect([...new Uint8Array(Uint16Array.of(htons(0x1234)).buffer)]).toEqual([0x12, 0x34]);
    expect([...new Uint8Array(Uint32Array.of(htonl(0x12345678)).buffer)]).toEqual([0x12, 0x34, 0x56, 0x78]);
  });

  const functions = { htons, ntohs, htonl, ntohl };
  const tooLarge = { htons: 1 << 16, ntohs: 1 << 16, htonl: 2 ** 32, ntohl: 2 ** 32 };

  describe.each(Object.keys(functions) as (keyof typeof functions)[])("%s refuses", (name) => {
    test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, tooLarge[name], 2 ** 53])("%d", (value) => {
      expect(() => functions[name](value)).toThrow(RangeError);
      expect(() => functions[name](value)).toThrow(`${value}`);
    });

    test.each([
      ["80", '"80"'],
      [undefined, "undefined"],
      [null, "null"],
      [80n, "80n"],
      [true, "true"],
      [{}, "an object"],
      [[80], "an array"],
    ])("%s, which is not a number", (value, shown) => {
      expect(() => functions[name](value as never)).toThrow(TypeError);
      expect(() => functions[name](value as never)).toThrow(shown);
    });
  });
});
