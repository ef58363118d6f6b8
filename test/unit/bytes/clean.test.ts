import { shown } from "kernel-helpers/dist/bytes/arguments.js";
import { clean, quoteText } from "kernel-helpers/dist/bytes/index.js";
import { clean as ofPictures } from "kernel-helpers/dist/pictures/clean.js";
import { describe, expect, test } from "vitest";

describe("clean", () => {
  test.each([
    ["plain text", "server→1", "server→1"],
    ["letters of every language", "größe 日本 привет", "größe 日本 привет"],
    ["a carriage return", "ok\rFAKE", "ok\\u{d}FAKE"],
    ["escape, C1 and NUL", "\x1b[2J\u009b\0", "\\u{1b}[2J\\u{9b}\\u{0}"],
    ["direction and invisible marks", "a\u202eb\u2066c\u200bd", "a\\u{202e}b\\u{2066}c\\u{200b}d"],
    ["lines of Unicode", "a\u2028b", "a\\u{2028}b"],
    ["half of a pair", "a\ud800b", "a\\u{d800}b"],
    ["a pile of accents", `e${"\u0301".repeat(9)}`, "e\u0301\u0301"],
  ])("%s", (_, text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  test("is the one of the pictures, too", () => {
    expect(ofPictures).toBe(clean);
  });
});

describe("quoteText: bytes as a person reads them", () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
  test.each([
    ["ASCII as strace writes it", bytes('a\n"\0' + "1"), '"a\\n\\"\\0001"'],
    ["UTF-8 as text", bytes("grüße 日本 🙂"), '"grüße 日本 🙂"'],
    ["controls between letters", bytes("ü\x1b1\r"), '"ü\\0331\\r"'],
    ["what cannot be seen as its bytes", bytes("ü\u202e7"), '"ü\\342\\200\\2567"'],
    ["C1 as its bytes", bytes("ü\u009b"), '"ü\\302\\233"'],
    ["no text at all", Uint8Array.of(0xff, 0xc3, 0xbc), '"\\377\\303\\274"'],
    ["a character cut at the end", bytes("grü").subarray(0, 3), '"gr\\303"'],
    ["a character cut at the beginning", bytes("ürü").subarray(1), '"\\274rü"'],
    ["overlong zero", Uint8Array.of(0xc0, 0x80), '"\\300\\200"'],
    ["a byte order mark", bytes("\ufeffü"), '"\\357\\273\\277ü"'],
    ["nothing", new Uint8Array(0), '""'],
  ])("%s", (_, data, expected) => {
    expect(quoteText(data)).toBe(expected);
  });

  test("the limit counts bytes, and half a character at the limit is left out", () => {
    expect(quoteText(bytes("ü".repeat(20)), 32)).toBe(`"${"ü".repeat(16)}"...`);
    expect(quoteText(bytes("üüü"), 3)).toBe('"ü"...');
    expect(quoteText(bytes("ü"), 32, 900)).toBe('"ü"...');
  });
});

describe("a wrong value in an error", () => {
  test.each([
    ["x".repeat(1_000_000), `"${"x".repeat(60)}"… (1000000 characters)`],
    [10n ** 5000n, `1${"0".repeat(59)}… (5002 characters)`],
    ["a\u202e\r", '"a\\u{202e}\\r"'],
    [Symbol("s\n"), "Symbol(s\\u{a})"],
    [Object.create(null), "an object"],
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("asked");
          },
        },
      ),
      "an object",
    ],
    [[1], "an array"],
    [() => {}, "a function"],
    [Number.NaN, "NaN"],
  ])("case %#", (value, expected) => {
    expect(shown(value)).toBe(expected);
  });
});
