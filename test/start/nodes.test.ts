import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { specPath } from "../../scripts/lib/kernelspec.mjs";
import { openHandles, runAll } from "../notebooks/running.js";
import { run } from "../support/child.js";
import { Command } from "../support/command.js";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { newUser } from "../support/new-user.js";
import { fetchNodes, type SupportedNode, supportedNodes } from "../support/nodes.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";
import { addPackagesAroundItsOwn, copyWithoutTests, newFolder } from "./project-copy.js";

/*
 * The workshop on every Node that it supports, whichever runs the tests: it is set up, and its kernel runs every notebook.
 */

/** What Node says of something that it will not have for long: "(node:4711) [DEP0040] DeprecationWarning: …". */
const WARNING = /\(node:\d+\)|Warning:/;

const leftovers: (() => void)[] = [];
const later = (cleanUp: () => void) => void leftovers.push(cleanUp);
afterAll(() => {
  for (const cleanUp of leftovers) cleanUp();
});

beforeAll(fetchNodes, LONG_PATIENCE_MS);

/** Runs install-kernel.mjs of a copy of the project, as a new user who has this Node; the kernel gets its snapshot. */
const installKernel = ({ program }: SupportedNode, copy: string) => {
  const user = newUser(newFolder("home", later), { SOCKET_WORKSHOP_SNAPSHOT: "" });
  return new Command(program, ["scripts/install-kernel.mjs", `--prefix=${join(copy, "prefix")}`], copy, user).ended;
};

describe.each(supportedNodes())("Node $version", { concurrent: true, timeout: LONG_PATIENCE_MS }, (node) => {
  let copy = "";
  let argv: string[] = [];
  let installed: Awaited<ReturnType<typeof installKernel>>;

  /** Uses the kernel that install-kernel.mjs has told Jupyter of. Its process must write nothing: a learner would see it in the terminal. */
  async function withItsKernel(use: (kernel: Kernel) => Promise<void>): Promise<void> {
    const command = (own: string[]) => argv.map((word) => (word === "{connection_file}" ? own.at(-1)! : word));
    await withKernel({ spec: "ours", command, cwd: join(copy, "notebooks") }, async (kernel) => {
      await use(kernel);
      expect(kernel.process.log).toBe("");
    });
  }

  beforeAll(async () => {
    copy = copyWithoutTests(later);
    addPackagesAroundItsOwn(copy);
    installed = await installKernel(node, copy);
    expect(installed).toMatchObject({ code: 0 });
    argv = JSON.parse(readFileSync(specPath(join(copy, "prefix")), "utf8")).argv;
  }, LONG_PATIENCE_MS);

  test("builds the package in a fresh clone", () => {
    const { code, output } = installed;
    expect(output.match(/^[✓✗] .*/gm)).toEqual([
      expect.stringMatching(/^✓ Building kernel-helpers: \d+ s$/),
      expect.stringMatching(/^✓ Preparing quick starts of the kernel: \d+ s$/),
      expect.stringMatching(/^✓ \S.*kernel\.json$/),
    ]);
    expect(output).not.toMatch(WARNING);
    expect(code).toBe(0);
  });

  test("is the one that runs the kernel", async () => {
    expect(argv.at(-3)).toBe(node.program);
    expect((await run(node.program, ["--version"])).stdout).toBe(`v${node.version}\n`);
    await withItsKernel(async (kernel) => {
      expect((await kernel.execute("process.version")).results).toEqual([{ "text/plain": `'v${node.version}'` }]);
      const from = await kernel.execute('(globalThis as any)[Symbol.for("socket-workshop.started-from")]');
      expect(from.results).toEqual([{ "text/plain": "'snapshot'" }]);
    });
  });

  test.each(notebookNames())("runs %s to its end", async (name) => {
    await withItsKernel(async (kernel) => {
      for (const cell of await runAll(kernel, readNotebook(name).code)) {
        expect(cell.stderr, cell.code).toBe("");
        expect(cell.stdout, cell.code).not.toMatch(WARNING);
      }
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });

  test("an interrupt ends an endless loop of every kind, again and again, and the kernel lives", async () => {
    const loopsOf = {
      "a timer": 'setTimeout(() => { console.log("here"); for (;;) {} }, 0);\nawait new Promise(() => {});',
      promises: 'console.log("here"); for (;;) await null;',
      "what comes after an await": 'await 0; console.log("here"); for (;;) {}',
    };
    await withItsKernel(async (kernel) => {
      for (const [what, code] of Object.entries(loopsOf)) {
        for (let i = 0; i < 3; i++) {
          const loops = kernel.submit(code);
          await kernel.waitForOutput(() => loops.stdout === "here\n");
          kernel.interrupt();
          await kernel.finish(loops, SOON);
          expect(loops.errors, what).toMatchObject([{ ename: "Interrupted" }]);
        }
        expect((await kernel.execute("1 + 1")).results, what).toEqual([{ "text/plain": "2" }]);
      }
    });
  });

  test("an interrupt ends a cell that waits, another process answers, and the end is clean", async () => {
    await withItsKernel(async (kernel) => {
      const made = await kernel.execute(
        'import { AF_INET, LOOPBACK, otherProcess, SOCK_DGRAM, socket } from "kernel-helpers";\n' +
          'const box = socket("box", AF_INET, SOCK_DGRAM);\nbox.bind(LOOPBACK, 0);\n' +
          'const rival = await otherProcess("rival");\nconst theirs = await rival.socket("theirs", AF_INET, SOCK_DGRAM);',
      );
      expect(made.status, made.errors.map(({ evalue }) => evalue).join()).toBe("ok");
      expect(made.stdout).not.toMatch(WARNING);
      const waits = kernel.submit("const never = await box.recv(10);");
      await kernel.waitForOutput(() => waits.stdout.includes("waits for"));
      // An answer on the control channel shows that the cell's synchronous part is over.
      await kernel.request("kernel_info_request", {}, { channel: "control" });
      kernel.interrupt();
      await kernel.finish(waits, SOON);
      expect(waits.errors).toMatchObject([{ ename: "Interrupted" }]);
      const heard = await kernel.execute(
        'await theirs.sendto("still here", LOOPBACK, box.getsockname().port);\nString(await box.recv(10))',
      );
      expect(heard.results).toEqual([{ "text/plain": "'still here'" }]);
      expect(await kernel.shutdown()).toMatchObject({ code: 0, signal: null });
    });
  });
});
