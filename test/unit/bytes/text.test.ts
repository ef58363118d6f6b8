import { hexdump, quoteBytes } from "kernel-helpers/dist/bytes/text.js";
import { describe, expect, test } from "vitest";

const text = (value: string): Uint8Array => Buffer.from(value, "latin1");

// test/contract/constants-strace.test.ts asks strace itself; these cases say what it answers.
describe("quoteBytes writes like strace", () => {
  test.each([
    ["nothing", "", '""'],
    ["plain text", "hello", '"hello"'],
    ["escapes with a letter", "\n\t\r\v\f", '"\\n\\t\\r\\v\\f"'],
    ["quote and backslash", '"\\', '"\\"\\\\"'],
    ["no escape for ' and ?", "'?", `"'?"`],
    ["short octal", "\0\x01\x07\x08\x1b", '"\\0\\1\\7\\10\\33"'],
    ["three digits before an octal digit", "\x000\x017\x087", '"\\0000\\0017\\0107"'],
    ["short before 8 and 9", "\x008\x009", '"\\08\\09"'],
    ["bytes above ASCII", "\x7f\x80\xff", '"\\177\\200\\377"'],
    ["text in UTF-8", "caf\xc3\xa9", '"caf\\303\\251"'],
  ])("%s", (_, bytes, quoted) => {
    expect(quoteBytes(text(bytes))).toBe(quoted);
  });

  test("dots behind the quote say that there is more than the limit", () => {
    expect(quoteBytes(text("h".repeat(32)))).toBe(`"${"h".repeat(32)}"`);
    expect(quoteBytes(text("h".repeat(33)))).toBe(`"${"h".repeat(32)}"...`);
    expect(quoteBytes(text("hello"), 4)).toBe('"hell"...');
    expect(quoteBytes(text("hello"), 0)).toBe('""...');
    expect(quoteBytes(text("hello"), 5)).toBe('"hello"');
  });

  test("a digit behind the limit does not lengthen the last byte", () => {
    expect(quoteBytes(text("\x001"), 1)).toBe('"\\0"...');
  });

  test.each([-1, 1.5, Number.NaN])("a limit of %d is refused", (limit) => {
    expect(() => quoteBytes(text("hello"), limit)).toThrow(RangeError);
  });
});

describe("hexdump", () => {
  test("no bytes, no text", () => {
    expect(hexdump(new Uint8Array(0))).toBe("");
  });

  test("a short row keeps its columns", () => {
    expect(hexdump(text("hello\n"))).toBe("00000000  68 65 6c 6c 6f 0a                                 |hello.|");
  });

  test("rows of sixteen, and everything that is not ASCII as a dot", () => {
    expect(hexdump(text(`${"0123456789abcdef"}\x00\xff~ \x7f`)).split("\n")).toEqual([
      "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|",
      "00000010  00 ff 7e 20 7f                                    |..~ .|",
    ]);
  });
});
