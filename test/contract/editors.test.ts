import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { inProject, readJson, sourceFiles, textOf } from "../support/project-files.js";

type Settings = Record<string, string>;

/** A section's pattern as an expression: `*`, `*.py`, `*.{ts,mjs}`. Others would have to be added here. */
function matcher(pattern: string): RegExp {
  if (!/^\*(\.(\w+|\{\w+(,\w+)*\}))?$/.test(pattern))
    throw new Error(`.editorconfig: no pattern [${pattern}] is known`);
  const [, ending] = /^\*(.*)$/.exec(pattern)!;
  const alternatives = ending!.replace(/[{},]/g, (sign) => ({ "{": "(", "}": ")", ",": "|" })[sign]!);
  return new RegExp(`${alternatives.replace(".", "\\.")}$`);
}

/** The sections of an .editorconfig in their order; what stands before the first is under "". */
function sections(text: string): [pattern: string, settings: Settings][] {
  const found: [string, Settings][] = [["", {}]];
  for (const line of text.split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const section = /^\[(.+)\]$/.exec(line)?.[1];
    const pair = /^([a-z_]+) = (\S+)$/.exec(line);
    if (section) found.push([section, {}]);
    else if (pair) found.at(-1)![1][pair[1]!] = pair[2]!;
    else throw new Error(`.editorconfig: what is "${line}"?`);
  }
  return found;
}

const [top, ...parts] = sections(textOf(".editorconfig"));

/** What holds for one file: of two sections that disagree the later. */
function settingsOf(path: string): Settings {
  const fitting = parts.filter(([pattern]) => matcher(pattern).test(basename(path)));
  return Object.assign({}, ...fitting.map(([, settings]) => settings));
}

/** Where a text is not what its settings say. */
function faults(text: string, settings: Settings): string[] {
  const found: string[] = [];
  if (text.includes("\r")) found.push("ends a line with CR");
  if (settings.insert_final_newline === "true" && text !== "" && !/[^\n]\n$/.test(text)) {
    found.push("does not end with one newline");
  }
  if (settings.trim_trailing_whitespace === "true" && /[ \t]$/m.test(text))
    found.push("has spaces at the end of a line");
  if (/^ *\t/m.test(text)) found.push("indents with a tab");
  // A line that is continued may stand anywhere: the first step is what counts.
  const smallest = Math.min(...[...text.matchAll(/^( +)\S/gm)].map(([, spaces]) => spaces!.length));
  const size = Number(settings.indent_size);
  if (size > 0 && Number.isFinite(smallest) && smallest !== size) found.push(`indents by ${smallest}, not ${size}`);
  return found;
}

/** Where the indentation is counted: Biome does it for TypeScript and its relatives, and prose has its own. */
const COUNTED = /\.(py|ipynb)$/;

test("it is the last .editorconfig, and writes as biome.json does", () => {
  expect(top![1]).toEqual({ root: "true" });
  const { formatter } = readJson("biome.json") as {
    formatter: { indentStyle: string; indentWidth: number; lineWidth: number };
  };
  for (const path of ["a.ts", "a.mjs", "a.cjs", "a.json"]) {
    expect(settingsOf(path)).toMatchObject({
      end_of_line: "lf",
      indent_style: formatter.indentStyle,
      indent_size: `${formatter.indentWidth}`,
      max_line_length: `${formatter.lineWidth}`,
    });
  }
});

test("every file is as .editorconfig says", () => {
  const texts = sourceFiles().filter((path) => !path.endsWith(".png"));
  expect(texts.length).toBeGreaterThan(400);
  const found = texts.flatMap((path) => {
    const settings = settingsOf(path);
    if (!COUNTED.test(path)) settings.indent_size = "unset";
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(inProject(path)));
    return faults(text, settings).map((fault) => `${path} ${fault}`);
  });
  expect(found).toEqual([]);
});

describe("what is wrong is found", () => {
  test.each([
    ["a\r\n", "ends a line with CR"],
    ["a", "does not end with one newline"],
    ["a\n\n", "does not end with one newline"],
    ["a \nb\n", "has spaces at the end of a line"],
    ["if (a)\n\tb();\n", "indents with a tab"],
    ["if a:\n  b()\n", "indents by 2, not 4"],
  ])("%j", (text, words) => {
    expect(faults(text, settingsOf("a.py"))).toEqual([words]);
  });

  test("a setting or a pattern that is none", () => {
    expect(() => sections("indent = two words")).toThrow(/what is/);
    expect(() => matcher("*.[ch]")).toThrow(/no pattern/);
  });
});
