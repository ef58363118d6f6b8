import { mkdirSync, realpathSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { temporaryOfTest } from "../support/temporary.js";
import { SOON } from "../support/time.js";

/* `import(…)` in a cell: Node's modules, packages, and files beside the notebook. */

const FILES: Record<string, string> = {
  "file.js": "exports.two = 2;",
  "typed.ts": 'export const three: number = 3;\nexport default class Named {}\nconsole.log("loaded");\n"a last line";',
  "whole.mjs": "export const four = 4;",
  "waits.mjs": "export const five = await Promise.resolve(5);",
  "data.json": '{ "six": 6 }',
  "user.ts": 'export const later = () => import("./whole.mjs" as string);',
};

async function beside(use: (asked: ReturnType<typeof answers>, kernel: Kernel) => Promise<void>): Promise<void> {
  const folder = realpathSync(temporaryOfTest());
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "lib", "deep.ts"), 'export { three } from "../typed";');
  await withKernel({ spec: "ours", cwd: folder }, (kernel) =>
    use(
      answers(() => kernel),
      kernel,
    ),
  );
}

describe("import(…)", () => {
  test("of Node's modules, awaited or not, keeps their types", async () => {
    await beside(async ({ run, value, failure }) => {
      await run('const fs = await import("fs");\nconst promised = import("node:fs");');
      expect(await value('fs.existsSync("/") && fs.default.existsSync("/")')).toBe("true");
      expect(await value('(await promised).existsSync("/")')).toBe("true");
      expect(await failure("fs.nothing")).toContain("Property 'nothing' does not exist");
      expect(await failure("fs = 5 as any")).toContain("because it is a constant");
      await run('const { basename: name, join } = await import("node:path");');
      expect(await value('name(join("a", "b"))')).toBe("'b'");
      await run('import("node:os").then((os) => console.log(typeof os.cpus));');
      await run('let net: typeof import("net");\nnet = await import("net");');
      expect(await value("typeof net.connect")).toBe("'function'");
      expect(
        await value('async function inside() { const { sep } = await import("path"); return sep; }\nawait inside()'),
      ).toBe("'/'");
    });
  });

  test("of the helpers and of tslab gives those of the kernel", async () => {
    await beside(async ({ run, value }) => {
      await run('import { trace } from "kernel-helpers";\nconst helpers = await import("kernel-helpers");');
      expect(await value("helpers.trace === trace")).toBe("true");
      expect((await run('(await import("tslab")).display.text("shown");')).displays).toEqual([
        { "text/plain": "shown" },
      ]);
    });
  });

  test("of files beside the notebook", async () => {
    await beside(async ({ run, value }) => {
      expect(await value('await import("./file.js")')).toBe("{ two: 2, default: { two: 2 } }");
      const first = await run('const typed = await import("./typed");\n[typed.three, typed.default.name]');
      expect(first.stdout).toBe("loaded\n");
      expect(first.results[0]?.["text/plain"]).toBe("[ 3, 'Named' ]");
      expect(await value("typed.three.toFixed(1)")).toBe("'3.0'");
      expect(await value('(await import("./lib/deep")).three')).toBe("3");
      expect(await value('(await import("./whole.mjs" as string)).four')).toBe("4");
      expect(await value('(await import("./waits.mjs" as string)).five')).toBe("5");
      expect(await value('(await import("./data.json")).six')).toBe("6");
      expect(await value('import("./file.js").then(({ two }) => two);')).toMatch(/^Promise/);
      expect(await value('const which = "./whole.mjs";\nObject.keys(await import(which as string))')).toBe(
        "[ 'four' ]",
      );
    });
  });

  test("of nothing fails", async () => {
    await beside(async ({ run, failure }) => {
      expect(await failure('await import("./missing")')).toContain("Cannot find module './missing'");
      expect(await failure('await import("./missing" as string)')).toContain("Cannot find module");
      const caught = await run('await import("nothing-like-it" as string).catch((error) => console.log(error.code));');
      expect(caught.stdout).toBe("MODULE_NOT_FOUND\n");
    });
  });
});

test("a file beside the notebook is one module, whichever name a cell or another file has for it", async () => {
  await beside(async ({ run, value, failure }, kernel) => {
    const folder = await kernelFolder(kernel);
    const link = join(realpathSync(temporaryOfTest()), "link");
    symlinkSync(folder, link);
    writeFileSync(join(folder, "state.ts"), "export const state: { count: number } = { count: 0 };");
    writeFileSync(
      join(folder, "lib", "far.ts"),
      `import { state } from "${folder}/state";\nexport const more = () => ++state.count;\nexport { state } from "${folder}/state";`,
    );
    await run('import { state } from "./state";\nstate.count = 10;');
    expect(await value(`import { more } from "${folder}/lib/far";\nmore()`)).toBe("11");
    expect(await value(`import { state as same } from "${folder}/state";\nsame === state && same.count`)).toBe("11");
    expect(await value(`import { state as around } from "../${basename(folder)}/state";\naround === state`)).toBe(
      "true",
    );
    expect(await value(`(await import("${folder}/state")).state === state`)).toBe("true");
    expect(await value(`import { state as linked } from "${link}/state";\nlinked === state`)).toBe("true");
    expect(await failure(`import { state as wrong } from "${folder}/state";\nwrong.nothing`)).toContain("'nothing'");
    // It is compiled again when it has changed, by whichever name.
    writeFileSync(join(folder, "state.ts"), "export const state: { count: number } = { count: 100 };");
    const later = new Date(Date.now() + 5000);
    utimesSync(join(folder, "state.ts"), later, later);
    await expect
      .poll(() => value(`import { state as anew } from "${folder}/state";\nanew.count`), { timeout: SOON })
      .toBe("100");
  });
});

const kernelFolder = async (kernel: Kernel): Promise<string> =>
  (await kernel.execute("process.cwd()")).results[0]!["text/plain"]!.slice(1, -1);

test("a file that a cell imports keeps its last line for itself", async () => {
  await beside(async ({ value }) => {
    expect(await value('import { three } from "./typed";\nthree')).toBe("3");
  });
});

describe("a file that the cell before has written", () => {
  const write = (name: string, text: string) => `require("fs").writeFileSync("${name}", ${JSON.stringify(text)});`;

  test("is read anew, also where another one imports it", async () => {
    await beside(async ({ run, value }) => {
      await run(write("word.ts", "export const word = 1;"));
      await run(write("user-of-word.ts", 'import { word } from "./word";\nexport const twice = 2 * word;'));
      await run(write("word.json", '{ "a": 1 }'));
      const all =
        'import { word } from "./word";\nimport { twice } from "./user-of-word";\nimport json from "./word.json";\n';
      expect(await value(`${all}[word, twice, json.a]`)).toBe("[ 1, 2, 1 ]");
      await run(write("word.ts", "export const word = 5;"));
      expect(await value('import { twice } from "./user-of-word";\ntwice')).toBe("10");
      // Same length, same second.
      await run(write("word.ts", "export const word = 6;") + write("word.json", '{ "a": 2 }'));
      expect(await value(`${all}[word, twice, json.a]`)).toBe("[ 6, 12, 2 ]");
    });
  });

  test("is found where there was none, and missed where there is none any more", async () => {
    await beside(async ({ run, value, failure }) => {
      const imported = 'import { late } from "./late";\nlate';
      expect(await failure(imported)).toContain("Cannot find module './late'");
      await run(write("late.ts", "export const late = 1;"));
      expect(await value(imported)).toBe("1");
      await run('require("fs").rmSync("late.ts");');
      expect(await failure(imported)).toContain("Cannot find module './late'");
    });
  });
});

test("a module that is pasted into a cell declares its names, and shows its default", async () => {
  await beside(async ({ run, value, failure }) => {
    await run(
      "export const one: number = 1;\nexport interface Point { x: number }\nexport function twice(n: number) { return 2 * n; }",
    );
    expect(await value("export const point: Point = { x: twice(one) };\npoint")).toBe("{ x: 2 }");
    expect(await value("export default { a: twice(2) };")).toBe("{ a: 4 }");
    await run("const own = 5;\nexport { own, own as other };");
    expect(await value("own")).toBe("5");
    // What is wrong is where it was written.
    expect(await failure("export const wrong: number = 'text';")).toContain("not assignable");
    await run('export default class Named { said = "so"; }');
    expect(await value("new Named().said")).toBe("'so'");
  });
});

test("`import … = require(…)` imports, with its types", async () => {
  await beside(async ({ run, value, failure }) => {
    expect(await value('import files = require("fs");\nfiles.existsSync("/")')).toBe("true");
    expect(await failure("files.nothing")).toContain("'nothing'");
    await run('import mine = require("./file");');
    expect(await value("mine.two")).toBe("2");
  });
});

test("`declare global` holds for the cells after it", async () => {
  await beside(async ({ run, value, failure }) => {
    await run(
      "declare global { interface Array<T> { lastOne(): T } }\nArray.prototype.lastOne = function () { return this[this.length - 1]; };",
    );
    expect(await value("[1, 2].lastOne().toFixed(1)")).toBe("'2.0'");
    await run("declare global { var shared: number }\nglobalThis.shared = 3;");
    expect(await value("[shared].lastOne()")).toBe("3");
    expect(await failure("[3].lastOne().nothing")).toContain("'nothing'");
  });
});
