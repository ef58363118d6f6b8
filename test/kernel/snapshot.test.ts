import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addBuild, addPackages, freshCopy } from "../start/project-copy.js";
import { Command } from "../support/command.js";
import { type Kernel, type KernelOptions, withKernel } from "../support/jupyter/index.js";
import { temporaryOfTest } from "../support/temporary.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/*
 * The kernel's start-up snapshot, in a copy of the project, where it may be damaged. What the other tests of the kernel say is true with it and
 * without: they have it once `npm test` has made it, and `SOCKET_WORKSHOP_SNAPSHOT=off` runs them without.
 */

let copy = "";
let snapshot = "";
const leftovers: (() => void)[] = [];
afterAll(() => {
  for (const cleanUp of leftovers) cleanUp();
});

const inBuild = (...names: string[]) => join(copy, "kernel-helpers", "dist", ...names);
const snapshots = () => readdirSync(inBuild(".snapshots")).sort();

/** Makes the snapshot unless there is one. */
const make = () =>
  new Command(process.execPath, [inBuild("kernel", "snapshot", "build.js")], copy, { PATH: process.env.PATH }).ended;

/** Whether it would not be made, because it is there. */
async function isCurrent(): Promise<boolean> {
  const ask = `require(${JSON.stringify(inBuild("kernel", "snapshot", "make.js"))}).snapshotIsCurrent().then(console.log)`;
  const { output } = await new Command(process.execPath, ["-e", ask], copy, { PATH: process.env.PATH }).ended;
  expect(output).toMatch(/^(true|false)\n$/);
  return output === "true\n";
}

async function made(): Promise<void> {
  expect(await make()).toMatchObject({ code: 0, output: "" });
}

/** Uses a kernel of the copy, started by the command of its kernel.json. */
async function started(use: (kernel: Kernel) => Promise<void>, options: Partial<KernelOptions> = {}): Promise<void> {
  const { kernelCommand } = await import(inBuild("kernel", "spec.js"));
  const own: string[] = kernelCommand({ node: process.execPath, launcher: inBuild("kernel", "launcher.js") });
  const command = (theirs: string[]) => own.with(-1, theirs.at(-1)!);
  const env = { SOCKET_WORKSHOP_SNAPSHOT: "", ...options.env };
  await withKernel({ spec: "ours", cwd: join(copy, "notebooks"), ...options, env, command }, use);
}

async function value(kernel: Kernel, code: string): Promise<string> {
  const cell = await kernel.execute(code);
  expect(cell.errors[0]?.traceback.join("\n"), code).toBeUndefined();
  return String(cell.results[0]?.["text/plain"]);
}

const startedFrom = (kernel: Kernel) =>
  value(kernel, '(globalThis as any)[Symbol.for("socket-workshop.started-from")] as string');

/** What a kernel says that is started now. A cell is run in it, too. */
async function fromNow(): Promise<string> {
  let from = "";
  await started(async (kernel) => {
    expect(await value(kernel, 'import { LOOPBACK } from "kernel-helpers";\nLOOPBACK')).toBe("'127.0.0.1'");
    from = await startedFrom(kernel);
    expect(kernel.process.log).toBe("");
  });
  return from;
}

/** Runs `bin/kernel.sh`, which starts a small program in the place of the kernel; whether it has started that from the snapshot. */
async function chosen({ node = process.execPath, env = {}, tried = false } = {}): Promise<boolean> {
  const folder = realpathSync(temporaryOfTest());
  const program = join(folder, "program.cjs");
  writeFileSync(program, "console.log(process.argv.length, process.execArgv.length);");
  const connection = join(folder, "connection.json");
  if (tried) writeFileSync(`${connection}.snapshot`, "");
  const args = [join(copy, "kernel-helpers", "bin", "kernel.sh"), snapshot, node, program, connection];
  const { code, output } = await new Command("/bin/sh", args, folder, env).ended;
  expect(code, output).toBe(0);
  expect(output).toMatch(/^3 [02]\n$/);
  // Left for the kernel to remove; an ordinary start needs none.
  expect(existsSync(`${connection}.snapshot`)).toBe(output === "3 2\n");
  return output === "3 2\n";
}

beforeAll(async () => {
  copy = realpathSync(freshCopy((cleanUp) => leftovers.push(cleanUp)));
  addPackages(copy);
  addBuild(copy);
  await made();
  snapshot = join(inBuild(".snapshots"), snapshots().find((name) => name.endsWith(".blob"))!);
}, LONG_PATIENCE_MS);

describe("a kernel", { timeout: LONG_PATIENCE_MS }, () => {
  beforeEach(made, LONG_PATIENCE_MS);

  test("that starts from it has its own folder, environment, arguments and errors", async () => {
    await started(
      async (kernel) => {
        expect(await startedFrom(kernel)).toBe("'snapshot'");
        expect(await value(kernel, "process.cwd()")).toBe(`'${join(copy, "notebooks")}'`);
        expect(await value(kernel, "process.env.MINE")).toBe("'mine'");
        expect(await value(kernel, "Object.keys(process.env).length > 3")).toBe("true");
        expect(await value(kernel, "process.argv.length + process.argv[1].slice(-12)")).toBe("'3/launcher.js'");
        expect(await value(kernel, "process.execArgv")).toBe("[]");
        // As many as are looked at for those of cells: frames.ts.
        expect(await value(kernel, "Error.stackTraceLimit")).toBe("50");
        const since =
          "Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000 && performance.now() < 600_000";
        expect(await value(kernel, since)).toBe("true");
        expect(await value(kernel, 'import { randomUUID } from "node:crypto";\nrandomUUID() !== randomUUID()')).toBe(
          "true",
        );
        expect(await value(kernel, 'new Intl.NumberFormat("de").format(1234.5)')).toBe("'1.234,5'");
        const child =
          'import { execFileSync } from "node:child_process";\nexecFileSync(process.execPath, ["-p", "1 + 1"], { encoding: "utf8" })';
        expect(await value(kernel, child)).toBe("'2\\n'");
        const thread =
          'import { Worker } from "node:worker_threads";\nawait new Promise<string>((resolve) => new Worker("require(\'node:worker_threads\').parentPort.postMessage(\'up\')", { eval: true }).once("message", resolve))';
        expect(await value(kernel, thread)).toBe("'up'");
      },
      { env: { MINE: "mine" } },
    );
  });

  test("knows the modules beside its notebook, and notices when one changes", async () => {
    const folder = realpathSync(temporaryOfTest());
    const file = join(folder, "typed.ts");
    writeFileSync(file, "export const size: number = 1;\n");
    await started(
      async (kernel) => {
        expect(await startedFrom(kernel)).toBe("'snapshot'");
        expect(await value(kernel, 'import { size } from "./typed";\nsize')).toBe("1");
        writeFileSync(file, 'export const size: string = "large";\n');
        const again = async () =>
          (await kernel.execute('import { size as now } from "./typed";\nconst text: string = now;\ntext')).results;
        await expect.poll(again, { timeout: LONG_PATIENCE_MS }).toEqual([{ "text/plain": "'large'" }]);
        const wrong = await kernel.execute('import "./nowhere";');
        expect(wrong.errors[0]?.evalue).toContain("'./nowhere'");
        expect(JSON.stringify(wrong.errors)).not.toContain("~");
      },
      { cwd: folder },
    );
  });

  test("starts without it where there is none", async () => {
    rmSync(snapshot);
    expect(await fromNow()).toBe("'files'");
  });

  test("does without one that is missing; the next one made is used", async () => {
    expect(await chosen()).toBe(true);
    rmSync(snapshot);
    expect(await isCurrent()).toBe(false);
    expect(await chosen()).toBe(false);
    await made();
    expect(await chosen()).toBe(true);
  });

  test.each<[string, () => void]>([
    ["is cut off", () => truncateSync(snapshot, 1_000_000)],
    ["is empty", () => truncateSync(snapshot, 0)],
    ["has been written over", () => utimesSync(snapshot, new Date(), new Date(Date.now() - 60_000))],
    ["has lost what says to which Node it belongs", () => rmSync(`${snapshot}.seal`)],
    ["belongs to another processor", () => appendFileSync(`${snapshot}.seal`, "flags: another\n")],
  ])("does without one that %s, and then it would be made anew", async (_what, damage) => {
    // A copy is damaged, and the good one put back: to make one takes seconds.
    const files = [snapshot, `${snapshot}.seal`];
    for (const file of files) {
      renameSync(file, `${file}.good`);
      cpSync(`${file}.good`, file, { preserveTimestamps: true });
    }
    expect(await chosen()).toBe(true);
    damage();
    expect(await chosen()).toBe(false);
    expect(await isCurrent()).toBe(false);
    for (const file of files) renameSync(`${file}.good`, file);
    expect(await isCurrent()).toBe(true);
  });

  test("does without it where it is switched off, and where Node has options of the learner's", async () => {
    expect(await chosen({ env: { SOCKET_WORKSHOP_SNAPSHOT: "off" } })).toBe(false);
    expect(await chosen({ env: { NODE_OPTIONS: "--max-old-space-size=900" } })).toBe(false);
    expect(await chosen({ env: { PATH: "/nowhere" } })).toBe(true);
  });

  test("of another Node does without it", async () => {
    const node = join(realpathSync(temporaryOfTest()), "node");
    symlinkSync(process.execPath, node);
    expect(await chosen({ node })).toBe(false);
  });

  test("whose last start has not come as far as its first line does without it, once", async () => {
    expect(await chosen({ tried: true })).toBe(false);
  });

  test("reads declarations that have changed since", async () => {
    appendFileSync(inBuild("index.d.ts"), "export declare const added: 1;\n");
    await started(async (kernel) => {
      expect(await value(kernel, 'import { added } from "kernel-helpers";\nconst one: typeof added = 1;\none')).toBe(
        "1",
      );
      expect(await startedFrom(kernel)).toBe("'stale'");
    });
    await made();
    expect(await fromNow()).toBe("'snapshot'");
  });

  test("in a folder with types of its own reads those", async () => {
    const folder = realpathSync(temporaryOfTest());
    await new Command("mkdir", ["-p", join(folder, "node_modules", "@types", "mine")], folder, process.env).ended;
    writeFileSync(join(folder, "node_modules", "@types", "mine", "index.d.ts"), "declare const mine: 1;\n");
    await started(
      async (kernel) => {
        expect(await value(kernel, "const one: typeof mine = 1;\none")).toBe("1");
        expect(await startedFrom(kernel)).toBe("'stale'");
      },
      { cwd: folder },
    );
  });
});

describe("making it", { timeout: LONG_PATIENCE_MS }, () => {
  test("is done once when several begin, and leaves nothing unfinished", async () => {
    rmSync(inBuild(".snapshots"), { recursive: true, force: true });
    const ended = await Promise.all(Array.from({ length: 6 }, make));
    expect(ended.map(({ code }) => code)).toEqual(Array(6).fill(0));
    const name = snapshot.split("/").at(-1);
    expect(snapshots()).toEqual([name, `${name}.json`, `${name}.seal`]);
    const { ino, mtimeMs } = statSync(snapshot);
    await made();
    expect(statSync(snapshot)).toMatchObject({ ino, mtimeMs });
  });

  test("goes on after one that was killed", async () => {
    rmSync(snapshot, { force: true });
    symlinkSync("4194304", `${snapshot}.lock`); // no process has this number
    await made();
    expect(snapshots()).toContain(snapshot.split("/").at(-1));
    expect(snapshots().filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  test("removes old ones, those of Nodes that are gone, and what was left unfinished", async () => {
    const old = new Date(Date.now() - 3_600_000);
    const fake = (name: string, node: string) => {
      const file = join(inBuild(".snapshots"), name);
      writeFileSync(file, "x");
      writeFileSync(`${file}.json`, JSON.stringify({ node, stamps: [] }));
      utimesSync(file, old, old);
    };
    for (let i = 0; i < 8; i++) fake(`old${i}.blob`, process.execPath);
    fake("gone.blob", "/nowhere/node");
    writeFileSync(join(inBuild(".snapshots"), "x.blob.1.new"), "x");
    utimesSync(join(inBuild(".snapshots"), "x.blob.1.new"), old, old);
    rmSync(`${snapshot}.seal`);
    await made();
    const blobs = snapshots().filter((name) => name.endsWith(".blob"));
    expect(blobs).toHaveLength(5);
    expect(blobs).toContain(snapshot.split("/").at(-1));
    expect(snapshots().filter((name) => /gone|\.new$/.test(name))).toEqual([]);
  });

  test("where nobody may write says so, and takes nothing away", async () => {
    const place = inBuild(".snapshots");
    rmSync(place, { recursive: true, force: true });
    writeFileSync(place, "");
    const { code, output } = await make();
    expect(code).toBe(1);
    expect(output).toMatch(/EEXIST|ENOTDIR/);
    expect(await fromNow()).toBe("'files'");
    rmSync(place);
  });
});
