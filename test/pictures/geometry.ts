/** A box or a line on the paper, in pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
  what: string;
}

const attribute = (tag: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";

/** The room that every text takes, with letters as wide as those of the widest usual monospace font. */
export function textBoxes(svg: string): Box[] {
  return [...svg.matchAll(/(<text[^>]*>)([^<]*)<\/text>/g)].map(([, tag = "", escaped = ""]) => {
    const text = escaped.replace(/&#?\w+;/g, "x");
    const classes = attribute(tag, "class").split(" ");
    const size = classes.includes("s") ? 10 : 11;
    const columns = [...text].reduce((sum, character) => sum + (character.codePointAt(0)! >= 0x2e80 ? 2 : 1), 0);
    const width = columns * size * 0.602;
    const x = Number(attribute(tag, "x"));
    const y = Number(attribute(tag, "y"));
    const left = classes.includes("end") ? x - width : classes.includes("mid") ? x - width / 2 : x;
    return { left, right: left + width, top: y - size * 0.75, bottom: y + size * 0.2, what: text };
  });
}

/** The straight parts of all arrows. */
export function arrowLines(svg: string): Box[] {
  return [...svg.matchAll(/<path class="a [^"]*" d="([^"]*)"/g)].flatMap(([, d = ""]) => segments(d));
}

function segments(d: string): Box[] {
  const lines: Box[] = [];
  let [x, y] = [0, 0];
  for (const [, command, numbers = ""] of d.matchAll(/([MHVQL])([^MHVQL]*)/g)) {
    const values = numbers.trim().split(/[ ,]+/).map(Number);
    const [toX, toY] =
      command === "H" ? [values[0]!, y] : command === "V" ? [x, values[0]!] : [values.at(-2)!, values.at(-1)!];
    if (command !== "M") {
      lines.push({
        left: Math.min(x, toX),
        right: Math.max(x, toX),
        top: Math.min(y, toY),
        bottom: Math.max(y, toY),
        what: `arrow ${d}`,
      });
    }
    [x, y] = [toX, toY];
  }
  return lines;
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Half of the widest line, and a pixel of paper between it and the letters. */
const BESIDE = 1.1 + 1;

/** A line meets a box when it comes into it, or so near that it would touch what is written in it. */
export function meets(line: Box, box: Box): boolean {
  return (
    line.left - BESIDE < box.right &&
    box.left < line.right + BESIDE &&
    line.top - BESIDE < box.bottom &&
    box.top < line.bottom + BESIDE
  );
}
