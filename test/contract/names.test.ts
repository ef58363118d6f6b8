import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { read, type Source, sources } from "./source.js";

/** As the name of a file or of an export these say nothing: known to whom, done with what? */
const VAGUE = new Set([
  ...["again", "common", "core", "done", "ended", "helpers", "known", "link", "made", "misc", "owned", "seen", "until"],
  ...["util", "utils"],
]);
/** The launcher stands beside the house and speaks Jupyter's language: a request and an answer are others there. */
const APART = "kernel";

const declared = (source: Source): string[] => [...new Set(source.declared)];

function vague(source: Source): string[] {
  const file = basename(source.path, ".ts");
  return [file, ...declared(source)].filter((name) => VAGUE.has(name)).map((name) => `${source.path}: ${name}`);
}

/** The names that more than one file declares and exports. */
function doubles(all: readonly Source[]): string[] {
  const found = new Map<string, string[]>();
  for (const source of all.filter(({ floor }) => floor !== APART))
    for (const name of declared(source)) found.set(name, [...(found.get(name) ?? []), source.path]);
  return [...found].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(", ")}`);
}

describe("a name", () => {
  test("of a file or of an export says what it is", () => {
    expect(sources().flatMap(vague)).toEqual([]);
  });

  test("that is exported has one meaning in the whole house", () => {
    // What a notebook calls stands for one call on numbers too: `socket`, and `calls.socket`.
    expect(doubles(sources())).toEqual(["socket: calls/socket.ts, handles/socket.ts"]);
  });

  test("that says nothing, or two things, is found", () => {
    expect(vague(read("handles/core.ts", "export const seen = 1;"))).toEqual([
      "handles/core.ts: core",
      "handles/core.ts: seen",
    ]);
    const two = [
      read("calls/one.ts", "export function check(): void {}"),
      read("bytes/two.ts", "export interface check {}"),
      read("kernel/three.ts", "export const check = 1;"),
    ];
    expect(doubles(two)).toEqual(["check: calls/one.ts, bytes/two.ts"]);
  });
});
