import { createRequire, SourceMap } from "node:module";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../../support/notebooks.js";

/* The places of errors: held against the maps that the compiler itself makes, of both of tslab's steps. */

const load = createRequire(`${ROOT}kernel-helpers/dist/kernel/launcher.js`);
const { sourceLines } = load("./places/source-lines.js");
const { tokensOf } = load("./places/tokens.js");
const { align } = load("./places/align.js");
const { ts } = load("./typescript.js");

interface Step {
  text: string;
  map: SourceMap;
}

interface Entry {
  generatedLine: number;
  generatedColumn: number;
  originalLine: number;
  originalColumn: number;
}

function compiled(text: string, module: number): Step {
  const compilerOptions = { module, target: ts.ScriptTarget.ES2022, sourceMap: true, esModuleInterop: true };
  const { outputText, sourceMapText } = ts.transpileModule(text, { fileName: "cell.ts", compilerOptions });
  return { text: outputText.replace(/\/\/# sourceMappingURL=.*/, ""), map: new SourceMap(JSON.parse(sourceMapText)) };
}

/** Where a place comes from; undefined unless the map has exactly this place. Lines and columns count from 0, as in maps. */
function origin({ map }: Step, line: number, column: number): Entry | undefined {
  const entry = map.findEntry(line, column) as unknown as Partial<Entry>;
  return entry.generatedLine === line && entry.generatedColumn === column ? (entry as Entry) : undefined;
}

/** How many names and texts of the JavaScript were compared, and those whose place is another one. */
function compare(source: string): { compared: number; wrong: string[] } {
  const first = compiled(source, ts.ModuleKind.ESNext);
  const second = compiled(first.text, ts.ModuleKind.CommonJS);
  const find = sourceLines(source, second.text, "cell.ts");
  const wrong: string[] = [];
  let compared = 0;
  for (const { text, start } of tokensOf(second.text, "cell.js") as { text: string; start: number }[]) {
    const before = second.text.slice(0, start).split("\n");
    const line = before.length - 1;
    const between = /^[\w$"'`]/.test(text) ? origin(second, line, before.at(-1)!.length) : undefined;
    const at = between && origin(first, between.originalLine, between.originalColumn);
    if (at === undefined || !source.split("\n")[at.originalLine]!.slice(at.originalColumn).startsWith(text)) continue;
    compared++;
    const found = find({ line: line + 1, column: before.at(-1)!.length + 1 });
    if (found?.line !== at.originalLine + 1 || found.column !== at.originalColumn + 1)
      wrong.push(`${text} ${JSON.stringify({ at, found })}`);
  }
  return { compared, wrong };
}

test.each(notebookNames())("every name of every cell of %s has the place that the compiler's maps tell", (name) => {
  let total = 0;
  for (const { source } of readNotebook(name).code) {
    const { compared, wrong } = compare(source);
    expect(wrong).toEqual([]);
    total += compared;
  }
  expect(total).toBeGreaterThan(30);
});

test("types of all kinds, which leave nothing, shift no place", () => {
  const { compared, wrong } = compare(`
    import { socket as open, type Handle } from "kernel-helpers";
    import type { Unused } from "elsewhere";
    interface Point { x: number; y: number; move(x: number): Point }
    type Pair<T> = [T, T] | { x: T; y: T };
    declare const ambient: { x: number };
    declare function later(x: number): void;
    abstract class Shape<T extends Point> extends Map<string, T> implements Iterable<[string, T]> {
      declare readonly x: number;
      private y: number = 65_507;
      abstract area(x: number): number;
      constructor(name: string, x2?: number) { super(); this.y = x2! as number; }
      sum<U>(this: Shape<T>, x: U, ...rest: U[]): number { return (this.y as unknown as number) + rest.length; }
    }
    function over(x: string): string;
    function over(x: number): number;
    function over(x: any): any { return x satisfies any; }
    const point: Point = { x: 1, y: 2, move: (x: number): Point => ({ ...point, x }) };
    const pair = <T>(x: T, y: T): Pair<T> => ({ x, y });
    export const handle: Handle = open("a", 2, 1);
    for (const { x: first } of [point] as Point[]) console.log(\`\${first} \${over(first)}\`, pair<number>(1, 2));`);
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(50);
});

describe("the longest common subsequence", () => {
  test.each([
    ["", "", []],
    ["abc", "abc", [0, 1, 2]],
    ["abc", "", []],
    ["", "ab", [-1, -1]],
    ["abcdef", "axcdyf", [0, -1, 2, 3, -1, 5]],
    ["xxab", "ab", [2, 3]],
  ])("of %s and %s", (a, b, partners) => {
    expect([...align([...a], [...b], 20)]).toEqual(partners);
  });

  test("is not looked for when there are too many differences", () => {
    expect([...align([..."abcd"], [..."wxyz"], 7)]).toEqual([-1, -1, -1, -1]);
    expect([...align([..."abcd"], [..."abcd"], 0)]).toEqual([0, 1, 2, 3]);
  });
});
