import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Kernel, ROOT, withKernel } from "../support/jupyter/index.js";
import { temporaryOfTest } from "../support/temporary.js";

// A learner's folder is anywhere: on a class's server the helpers' package is in none of the folders above it.

const IMPORT =
  'import { socket, closeAll, otherProcess, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";';

async function elsewhere(use: (kernel: Kernel) => Promise<void>, fill = (_folder: string) => {}): Promise<void> {
  const folder = realpathSync(temporaryOfTest());
  fill(folder);
  await withKernel({ spec: "ours", cwd: folder }, use);
}

/** What a cell prints that must run well. */
async function answered(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  expect(cell.errors[0]?.traceback.join("\n"), code).toBeUndefined();
  return cell.stdout + cell.stderr;
}

test("a folder outside the project has the helpers, their types, and those of Node", async () => {
  await elsewhere(async (kernel) => {
    await answered(kernel, IMPORT);
    expect(await answered(kernel, 'const first = socket("first", AF_INET, SOCK_STREAM);')).toContain("first");
    const wrong = await kernel.execute('first.bind(LOOPBACK, "eighty");');
    expect(wrong.errors[0]?.evalue).toContain("'string' is not assignable to parameter of type 'number'");
    const node = 'import { Buffer } from "node:buffer";\nconsole.log(Buffer.from("é").length, typeof setTimeout);';
    expect(await answered(kernel, node)).toBe("2 function\n");
    const { content } = await kernel.request("complete_request", { code: "first.getso", cursor_pos: 11 });
    expect(content.matches).toEqual(["getsockname", "getsockopt"]);
    await answered(kernel, "closeAll();");
  });
});

test("another process works in such a folder", async () => {
  await elsewhere(async (kernel) => {
    await answered(kernel, `${IMPORT}\nconst PORT = choosePort();\nconst rival = await otherProcess("rival");`);
    await answered(kernel, 'const there = await rival.socket("there", AF_INET, SOCK_STREAM);');
    expect(await answered(kernel, "await there.bind(LOOPBACK, PORT);")).toMatch(/bind\(\d+, 127\.0\.0\.1:\d+\) = 0/);
    await answered(kernel, "await rival.stop();");
  });
});

test("modules beside a notebook, in folders below it too, import the same helpers", async () => {
  const fill = (folder: string) => {
    writeFileSync(
      join(folder, "typed.ts"),
      'import { socket, AF_INET, SOCK_DGRAM } from "kernel-helpers";\nexport const open = (name: string) => socket(name, AF_INET, SOCK_DGRAM);\n',
    );
    mkdirSync(join(folder, "lib"));
    writeFileSync(
      join(folder, "lib", "plain.js"),
      'exports.names = () => require("kernel-helpers").trace.records().length;\n',
    );
  };
  await elsewhere(async (kernel) => {
    await answered(kernel, 'import { open } from "./typed";\nimport { trace } from "kernel-helpers";\nopen("typed");');
    const both =
      'console.log(trace.records().length > 0, require("./lib/plain.js").names() === trace.records().length);';
    expect(await answered(kernel, both)).toBe("true true\n");
  }, fill);
});

test("another package of that name in the folder is not taken for the helpers", async () => {
  const fill = (folder: string) => {
    const rival = join(folder, "node_modules", "kernel-helpers");
    mkdirSync(rival, { recursive: true });
    writeFileSync(
      join(rival, "package.json"),
      '{ "name": "kernel-helpers", "main": "index.js", "types": "index.d.ts" }',
    );
    writeFileSync(join(rival, "index.js"), "exports.rival = true;\n");
    writeFileSync(join(rival, "index.d.ts"), "export declare const rival: boolean;\n");
  };
  await elsewhere(async (kernel) => {
    await answered(kernel, IMPORT);
    expect((await kernel.execute('import { rival } from "kernel-helpers";')).errors[0]?.evalue).toContain("'rival'");
    expect(await answered(kernel, 'console.log(require.resolve("kernel-helpers"));')).toBe(
      `${join(ROOT, "kernel-helpers", "dist", "index.js")}\n`,
    );
  }, fill);
});

test("a folder's own types of Node, and packages of its own, are found there", async () => {
  const fill = (folder: string) => {
    const types = join(folder, "node_modules", "@types", "node");
    mkdirSync(types, { recursive: true });
    writeFileSync(join(types, "package.json"), '{ "name": "@types/node", "version": "1.0.0", "types": "index.d.ts" }');
    writeFileSync(
      join(types, "index.d.ts"),
      "declare const console: { log(...values: unknown[]): void };\ndeclare const onlyHere: 1;\n",
    );
    const own = join(folder, "node_modules", "own");
    mkdirSync(own);
    writeFileSync(join(own, "package.json"), '{ "name": "own", "main": "index.js", "types": "index.d.ts" }');
    writeFileSync(join(own, "index.js"), "exports.seven = 7;\n");
    writeFileSync(join(own, "index.d.ts"), "export declare const seven: number;\n");
  };
  await elsewhere(async (kernel) => {
    await answered(kernel, "const typed: typeof onlyHere = 1;");
    expect(await answered(kernel, 'import { seven } from "own";\nconsole.log(seven);')).toBe("7\n");
  }, fill);
});
