import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* The types of Node's modules, most of which the compiler reads when somebody first asks what is in them (kernel/late-types.ts). */

let kernel: Kernel;
const { run, value, failure } = answers(() => kernel);
let folder = "";

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "node-types-")));
  kernel = await startKernel({ spec: "ours", cwd: folder });
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("what a cell imports is typed in that very cell, and nothing is known that is not there", async () => {
  expect(await failure('import { EOL } from "node:os";\nconst wrong: number = EOL;')).toContain("Type 'string'");
  expect(await value('import { EOL } from "node:os";\nEOL')).toBe("'\\n'");
  expect(await failure('import { nothing } from "node:zlib";')).toContain("'nothing'");
  expect(await failure('const wrong: number = (await import("node:path")).sep;')).toContain("Type 'string'");
});

test("so is what comes from a module that nobody has imported", async () => {
  expect(await failure("const wrong: number = process.stdout;")).toContain("WriteStream");
  expect(await failure('const wrong: number = process.getBuiltinModule("dgram").createSocket("udp4");')).toContain(
    "Type 'Socket'",
  );
  await run('import { createReadStream } from "fs";\nconst read = createReadStream("/dev/null");');
  expect(await failure("const wrong: number = read.setEncoding;")).toContain("BufferEncoding");
});

test("Shift-Tab and Tab know a module before any cell has imported it", async () => {
  const asked = async (type: string, code: string) =>
    (await kernel.request(`${type}_request`, { code, cursor_pos: code.length, detail_level: 0 })).content;
  const found = await asked("inspect", 'import { lookup } from "node:dns";\nlookup');
  expect(JSON.stringify(found.data)).toContain("hostname: string");
  const { matches } = await asked("complete", 'import * as readline from "node:readline";\nreadline.createInt');
  expect(matches).toContain("createInterface");
});

test("a cell that is a module has them", async () => {
  const cell = await kernel.execute(
    '/** @module asks */\nimport { isIP } from "node:net";\nexport const wrong: string = isIP("::");\nexport const right = isIP("::1");',
  );
  expect(cell.stderr + JSON.stringify(cell.results)).toContain("Type 'number' is not assignable to type 'string'");
});

test("they are those of the oldest Node that is supported, and no types beside them are there unasked", async () => {
  expect(await value("typeof process.getBuiltinModule")).toBe("'function'");
  expect(await failure("let test: Chai.Assertion;")).toContain("Cannot find namespace 'Chai'");
});
