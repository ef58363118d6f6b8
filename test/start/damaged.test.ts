import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { addBuild, addEnvironment, addPackages, copyWithoutTests, newFolder, project } from "./project-copy.js";

/** A copy that is set up; a function that runs one of its scripts, and the folder of its Python packages. */
function setUp() {
  const copy = copyWithoutTests();
  addPackages(copy);
  addBuild(copy);
  addEnvironment(copy);
  const [version = ""] = readdirSync(join(copy, ".venv", "lib")).filter((name) => name.startsWith("python3"));
  const run = (script: string, ...args: string[]) =>
    new Command(process.execPath, [join("scripts", script), ...args], copy, newUser(newFolder("home"))).ended;
  return { copy, run, packages: join(copy, ".venv", "lib", version, "site-packages") };
}

const markOf = (folder: string) => readFileSync(join(folder, ".venv", ".installed-from"), "utf8");

test.each([
  ["that is gone", "tornado is missing", (path: string) => rmSync(path, { recursive: true })],
  [
    "of which only the folder is left",
    "tornado.httputil is missing|tornado.web is missing|tornado\\.\\w+ is missing|(Import|Attribute)Error: .*tornado.*",
    (path: string) => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
    },
  ],
])("a package %s is named, and the next start makes .venv anew", async (_what, words, damage) => {
  const { copy, run, packages } = setUp();
  damage(join(packages, "tornado"));
  const before = markOf(project);
  expect((await run("check.mjs")).output).toMatch(
    /^✗ JupyterLab does not load, .*\.venv is damaged \(.*tornado.*\): /m,
  );
  const { code, output } = await run("start.mjs", "--no-browser");
  expect(output).toMatch(
    new RegExp(`✗ .*\\.venv is damaged \\((${words})\\): run \`npm start\` again, it is made anew\\.`),
  );
  expect(output).not.toContain("Traceback");
  expect(code).not.toBe(0);
  // As after a set-up that was broken off: from-nothing.test.ts has what comes then.
  expect(markOf(copy)).toBe("damaged");
  expect(markOf(project)).toBe(before);
});

test("the package of the second kernel that is gone is noticed, and installed by the next start", async () => {
  const { run, packages } = setUp();
  expect((await run("start.mjs", "--version")).code).toBe(0);
  expect((await run("check.mjs")).output).toMatch(/✓ Kernel spec tslab-own-network|– The kernel .* does not start/);
  const path = join(packages, "socket_workshop_kernel");
  rmSync(path, { recursive: true });
  expect((await run("check.mjs")).output).toContain(
    '– The kernel "TypeScript (a network of its own)" is not installed: run `npm start` once, it does this\n',
  );
  const { output } = await run("start.mjs", "--version");
  expect(output).toContain("✓ Installing the second kernel");
  expect(existsSync(join(path, "own_network.py"))).toBe(true);
  expect((await run("start.mjs", "--version")).output).not.toContain("Installing");
});

test("npm run check says why the second kernel does not start where the system forbids it", async () => {
  const { copy, run } = setUp();
  expect((await run("start.mjs", "--version")).code).toBe(0);
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces\nexec "$@"';
  const args = ["--user", "--map-root-user", "sh", "-euc", forbid, "sh", process.execPath, "scripts/check.mjs"];
  const { output } = await new Command("unshare", args, copy, newUser(newFolder("home"))).ended;
  expect(output).toMatch(
    /^– The kernel "TypeScript \(a network of its own\)" does not start\. This system gives no program a network of its own: .*max_user_namespaces.*$/m,
  );
});
