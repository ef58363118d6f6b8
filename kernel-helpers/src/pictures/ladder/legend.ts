import { textWidth } from "../measure";
import { boxAt, lineTo, pathOf, px, textAt } from "../svg";
import type { Arrow } from "./arrows";
import { closes } from "./lanes";
import { type CallRow, MIDDLE } from "./rows";

interface Sign {
  readonly shape: (x: number, y: number) => string;
  readonly text: string;
}

const SIGNS = {
  wait: { shape: (x: number, y: number) => boxAt(x, y - 5, 18, 8, "w-bar", 0), text: "waits" },
  bytes: { shape: (x: number, y: number) => sample(x, y, "d"), text: "bytes, in the queue until received" },
  connect: { shape: (x: number, y: number) => sample(x, y, "c"), text: "connection, in the queue until accepted" },
  fin: { shape: (x: number, y: number) => sample(x, y, "f"), text: "FIN: end of stream" },
  reset: { shape: (x: number, y: number) => sample(x, y, "r"), text: "RST: broken off" },
  error: {
    shape: (x: number, y: number) => pathOf(`M${px(x + 6)} ${px(y - 5)}l8 8m0 -8l-8 8`, "x"),
    text: "error, or lost",
  },
  inferred: { shape: (x: number, y: number) => sample(x, y, "d i"), text: "dashed: inferred, not told by the system" },
  end: { shape: (x: number, y: number) => boxAt(x + 2, y - 3, 16, 4, "z", 0), text: "closed" },
} satisfies Record<string, Sign>;

function sample(x: number, y: number, kind: string): string {
  return lineTo(x, y - 1, x + 14, y - 1, `a ${kind}`) + pathOf(`M${px(x + 20)} ${px(y - 1)}l-7 -3.5v7z`, `h ${kind}`);
}

/** Explains the signs that the picture has, on as many lines as the width needs. Returns how high it is. */
export function legend(
  rows: readonly CallRow[],
  arrows: readonly Arrow[],
  y: number,
  width: number,
): { body: string; height: number } {
  const has = (cargo: Arrow["cargo"]): boolean => arrows.some((arrow) => arrow.cargo === cargo);
  const signs: Sign[] = [
    ...(rows.some(({ phase }) => phase === "begin" || phase === "still") ? [SIGNS.wait] : []),
    ...(has("connection") ? [SIGNS.connect] : []),
    ...(has("bytes") || has("datagram") ? [SIGNS.bytes] : []),
    ...(has("FIN") ? [SIGNS.fin] : []),
    ...(has("RST") ? [SIGNS.reset] : []),
    ...(arrows.some(({ known }) => known === "inferred") ? [SIGNS.inferred] : []),
    ...(rows.some(({ labels }) => labels[0]?.kind === "e") || arrows.some(({ fate }) => fate === "lost")
      ? [SIGNS.error]
      : []),
    ...(rows.some(({ call }) => closes(call.step)) ? [SIGNS.end] : []),
  ];
  let x = 12;
  let line = y + MIDDLE;
  const parts: string[] = [];
  for (const { shape, text } of signs) {
    const needed = 26 + textWidth(text, 10) + 16;
    if (x > 12 && x + needed > width) {
      x = 12;
      line += 15;
    }
    parts.push(shape(x, line), textAt(x + 26, line + 3, text, "q s"));
    x += needed;
  }
  return { body: parts.join(""), height: signs.length === 0 ? 0 : line - y + 10 };
}
