import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/*
 * A cell's variable whose type is in a module that the cell does not name: the declaration that later cells read must say where it is. With
 * `await (…)` in the cell the compiler could not.
 */

const PACKAGE = (name: string) => ({
  "package.json": `{ "name": "${name}", "main": "index.js", "types": "index.d.ts" }`,
  "index.js": "exports.make = async () => ({ inner: async () => ({ depth: 1 }) });",
  "index.d.ts":
    'import { Inner } from "./inner/inner";\nexport declare function make(): Promise<{ inner(): Promise<Inner> }>;',
  "inner/inner.d.ts": "export declare class Inner { readonly depth: number }",
});

const FILES: Record<string, string> = {
  "work/lib/deep.ts": "export class Deep { readonly depth = 1; }",
  "work/mine.ts":
    'import { Deep } from "./lib/deep";\nexport const make = async () => ({ deep: async () => new Deep() });',
  ...within("work/node_modules/own", PACKAGE("own")),
  ...within("far/linked", PACKAGE("linked")),
};

function within(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

let kernel: Kernel;
let folder = "";
const { run, value, failure } = answers(() => kernel);

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "unnamed-types-")));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  symlinkSync("../../far/linked", join(folder, "work", "node_modules", "linked"));
  kernel = await startKernel({ spec: "ours", cwd: join(folder, "work") });
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a type that a cell does not name is known to the next cell: that of", () => {
  test("a handle in another process", async () => {
    await run(
      'import { otherProcess, closeAll, AF_INET, SOCK_STREAM } from "kernel-helpers";\nconst there = await (await otherProcess("rival")).socket("there", AF_INET, SOCK_STREAM);',
    );
    expect(await failure("there.nothing")).toContain("Property 'nothing' does not exist on type 'ProcessHandle'");
    expect(await value("there.name")).toBe("'there'");
    await run("await closeAll();");
  });

  test.each([
    [
      "a file that is beside a file",
      "Deep",
      'import { make } from "./mine";\nconst made = await (await make()).deep();',
    ],
    ["one that an earlier cell imports", "Deep", "const made = await (await make()).deep();"],
    ["one that an expression imports", "Deep", 'const made = await (await (await import("./mine")).make()).deep();'],
    ["a package", "Inner", 'import { make } from "own";\nconst made = await (await make()).inner();'],
    ["a package elsewhere", "Inner", 'import { make } from "linked";\nconst made = await (await make()).inner();'],
  ])("%s", async (_where, type, code) => {
    await run(code);
    expect(await failure("made.nothing")).toContain(`Property 'nothing' does not exist on type '${type}'`);
    expect(await value("made.depth")).toBe("1");
  });

  test("what a class of the cell has", async () => {
    await run(
      'import { make as all } from "./mine";\nclass Has { deep = all().then((one) => one.deep()); }\nconst has = new Has().deep;\nawait (0);',
    );
    expect(await failure("(await has).nothing")).toContain("does not exist on type 'Deep'");
  });
});
