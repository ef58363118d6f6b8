import { CellOutput, type Office } from "kernel-helpers/dist/kernel/cell-output.js";
import { expect, test } from "vitest";

const office: Office = {
  printed: () => {},
  displayed: () => {},
  replaced: () => false,
  flush: () => {},
  canWait: () => true,
};

/** An output whose messages nobody takes until they are asked for. */
function slow() {
  const output = new CellOutput(office, {} as never);
  const print = (text: string): void => {
    if (!output.append("stdout", text)) output.write("stdout", text);
  };
  const take = (count = Number.POSITIVE_INFINITY): string => {
    let text = "";
    for (let i = 0; i < count && !output.isEmpty; i++) text += (output.take()!.content as { text: string }).text;
    return text;
  };
  return { output, print, take };
}

const LINE = `${"x".repeat(999)}\n`;
const NOTE =
  /\n\[([\d,]+) more characters were printed here\. They are left out: they came faster than they could be shown\.\]\n/g;

/** How many characters the notes in a text speak of. */
const leftOut = (text: string): number[] =>
  [...text.matchAll(NOTE)].map(([, count]) => Number(count!.replace(/,/g, "")));

test("20 million characters wait, whole", () => {
  const { print, take } = slow();
  for (let i = 0; i < 20_000; i++) print(LINE);
  expect(take()).toBe(LINE.repeat(20_000));
});

test("more is left out, and how much of it is said in its place", () => {
  const { print, take } = slow();
  for (let i = 0; i < 500_000; i++) print(LINE);
  let text = take(200);
  print("after\n");
  text += take();
  expect(leftOut(text)).toEqual([480_000_000]);
  expect(text.endsWith("after\n")).toBe(true);
  expect(text.replace(NOTE, "").length).toBe(20_000_000 + "after\n".length);
});

test("one that is longer comes whole where nothing waits, as a picture does: it did not come too fast", () => {
  const { output, print, take } = slow();
  print("x".repeat(25_000_000));
  expect(take()).toBe("x".repeat(25_000_000));
  const data = { "image/png": "x".repeat(25_000_000) };
  output.display("display_data", { data });
  print("after\n");
  expect(output.take()!.content).toEqual({ data });
  expect(take()).toMatch(NOTE);
});

test("it is said when the cell has ended, too, and nothing is missing that was not told of", () => {
  const { output, print, take } = slow();
  let text = "";
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 30_000; i++) print(LINE);
    text += take(100);
  }
  void output.flushed();
  text += take();
  const told = leftOut(text).reduce((sum, count) => sum + count, 0);
  expect(told + text.replace(NOTE, "").length).toBe(150_000_000);
  expect(text.endsWith("]\n")).toBe(true);
});

test("so it is with pictures and tables, whose characters count in each of their forms, and there is room again when they have gone", () => {
  const { output, print } = slow();
  const data = { "text/html": "x".repeat(900), "text/plain": "y".repeat(100) };
  for (let i = 0; i < 30_000; i++) output.display("display_data", { data });
  print(LINE);
  void output.flushed();
  const kinds = new Map<string, number>();
  let said = "";
  while (!output.isEmpty) {
    const { msgType, content } = output.take()!;
    kinds.set(msgType, (kinds.get(msgType) ?? 0) + 1);
    if (msgType === "stream") said += (content as { text: string }).text;
  }
  expect([...kinds]).toEqual([
    ["display_data", 20_000],
    ["stream", 1],
  ]);
  expect(said).toBe(
    "\n[1,000 more characters were printed and 10,000 more pictures or tables were shown here. They are left out: they came faster than they could be shown.]\n",
  );
  output.display("display_data", { data });
  expect(output.take()?.msgType).toBe("display_data");
});
