import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { compileRefusal } from "../support/refusal.js";
import { addBuild, addPackages, copyWithoutTests, newFolder, project, untouchedCopy } from "./project-copy.js";

// Measured on 2 cores: 1 s each alone, 20 s on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const check = (copy: string, shell = 'exec "$0" scripts/check.mjs') =>
  new Command("sh", ["-c", shell, process.execPath], copy, newUser(newFolder("home"))).ended;

test("in a fresh clone every line that is missing has its remedy, nothing is installed, and the status is 1", async () => {
  const copy = untouchedCopy();
  const { code, output } = await check(copy);
  expect(code).toBe(1);
  const missing = output.split("\n").filter((line) => line.startsWith("✗"));
  expect(missing).toEqual([
    expect.stringMatching(/^✗ npm packages .*: run `npm start`/),
    expect.stringMatching(/^✗ koffi .*: run `npm start`/),
    expect.stringMatching(/^✗ kernel-helpers .*: run `npm start`/),
    expect.stringMatching(/^✗ JupyterLab .*: run `npm start`/),
    expect.stringMatching(/^✗ The kernel spec tslab .*: run `npm start`/),
  ]);
  expect(output).toContain(`✓ Node ${process.versions.node}\n`);
  expect(output).toMatch(/✓ Python 3\.\d+\.\d+\n/);
  expect(output).toContain("✓ TCP over 127.0.0.1\n");
  expect(output).toContain("✓ UDP over 127.0.0.1\n");
  expect(output).toMatch(/✓ Free ports below 32768, such as \d+\n/);
  expect(output).toContain("5 of 14 are missing.");
});

test("a package of another version, and a build of other sources, are noticed", async () => {
  const copy = copyWithoutTests();
  addPackages(copy);
  addBuild(copy);
  expect((await check(copy)).output).toMatch(/✓ npm packages\n✓ koffi calls libc\n✓ kernel-helpers built\n/);
  const lockfile = join(copy, "package-lock.json");
  const locked = JSON.parse(readFileSync(lockfile, "utf8"));
  locked.packages["node_modules/koffi"].version = "0.0.1";
  writeFileSync(lockfile, JSON.stringify(locked));
  writeFileSync(join(copy, "kernel-helpers", "src", "added.ts"), "export {};\n");
  const { code, output } = await check(copy);
  expect(output).toContain("✗ npm packages are not installed, or not those of package-lock.json");
  expect(output).toContain("✗ kernel-helpers is not built");
  expect(code).toBe(1);
});

test("a package that somebody has deleted is noticed, though npm's record still has it", async () => {
  const copy = copyWithoutTests();
  addPackages(copy);
  expect((await check(copy)).output).toContain("✓ npm packages\n");
  const script =
    'whole=$(readlink node_modules) && rm node_modules && mkdir node_modules && ln -s "$whole"/.p* "$whole"/* node_modules';
  execFileSync("sh", ["-euc", `${script} && rm node_modules/koffi`], { cwd: copy });
  expect((await check(copy)).output).toContain("✗ npm packages are not installed, or not those of package-lock.json");
});

test("few descriptors are a warning", async () => {
  const { output } = await check(untouchedCopy(), 'ulimit -n 512 && exec "$0" scripts/check.mjs');
  expect(output).toMatch(/^– Only 512 descriptors for each process: .*1024/m);
});

describe("a network of one's own is made, and its loopback switched on", () => {
  const asRoot = process.getuid?.() === 0;
  const line = (output: string) => output.split("\n").find((one) => one.includes("etworks of their own"));
  const LOST =
    /Without (them|it) otherProcess\(…, \{ network: "own" \}\) is refused, (and notebook 04 runs in this machine's network instead|on newer kernels loseSegments too, and notebook 04 loses datagrams only)$/;

  test("where it is allowed", async () => {
    expect(line((await check(untouchedCopy())).output)).toBe("✓ Networks of their own (made one, its loopback works)");
  });

  /** The line about it, of a check that this shell command starts ("$@"). */
  const lineAfter = async (enter: string[], prepare: string) => {
    const copy = untouchedCopy();
    const own = ["sh", "-euc", `${prepare}\nexec "$@"`, "sh", process.execPath, "scripts/check.mjs"];
    const [program = "", ...args] = [...enter, ...own];
    return line((await new Command(program, args, copy, newUser(newFolder("home"))).ended).output);
  };

  const ENTER = join(project, "provisioner", "socket_workshop_kernel", "enter.py");
  /** What the second kernel says where this shell command has forbidden it. */
  const kernelAfter = async (enter: string[], prepare: string) => {
    const own = ["sh", "-euc", `${prepare}\nexec "$@"`, "sh", "python3", "-B", ENTER];
    const [program = "", ...args] = [...enter, ...own];
    return (await new Command(program, args, project, newUser(newFolder("home"))).ended).output;
  };

  test("by a limit of none", async () => {
    const forbid = [["unshare", "--user", "--map-root-user"], "echo 0 >/proc/sys/user/max_user_namespaces"] as const;
    const told = await lineAfter([...forbid[0]], forbid[1]);
    expect(await kernelAfter([...forbid[0]], forbid[1])).toContain("sudo sysctl -w user.max_user_namespaces=15000\n");
    expect(told).toMatch(
      /^– Networks of their own are refused \(unshare: .*\): user\.max_user_namespaces is 0 here: `sudo sysctl -w user\.max_user_namespaces=15000`/,
    );
    expect(told).toMatch(LOST);
  });

  test.each([
    [
      "unshare",
      "",
      /refused \(unshare: unshare failed: Operation not permitted\): a filter \(seccomp\) .*--security-opt seccomp=unconfined/,
      "--security-opt seccomp=unconfined",
    ],
    [
      "ioctl",
      "",
      /refused \(its loopback cannot be switched on, EPERM\): a filter \(seccomp\)/,
      "--security-opt seccomp=unconfined",
    ],
    // Ubuntu 24.04's setting, which this system does not have: unshare succeeds, and what comes after is denied.
    [
      "ioctl",
      "apparmor",
      /\(its loopback cannot be switched on, EPERM\): kernel\.apparmor_restrict_unprivileged_userns is 1 here: `sudo sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0`/,
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ],
  ])("by a system that refuses %s %s, and the second kernel advises the same", async (call, setting, says, advice) => {
    const folder = newFolder("refuse");
    const program = join(folder, "refuse");
    // Of ioctl only what changes a network interface.
    compileRefusal(program, { call, answer: "EPERM", where: call === "ioctl" ? [1, "SIOCSIFFLAGS"] : undefined });
    const mounts = asRoot ? ["unshare", "--mount"] : ["unshare", "--user", "--map-root-user", "--mount"];
    const prepare =
      "mount -t tmpfs none /proc/sys/kernel && echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    const forbid = setting ? [...mounts, "sh", "-euc", `${prepare}; exec "$@"`, "sh", program] : [program];
    const told = await lineAfter(forbid, ":");
    expect(told).toMatch(says);
    expect(told).toContain(advice);
    const kernel = await kernelAfter(forbid, ":");
    expect(kernel).toContain(`    ${advice}\n`);
    expect(kernel.match(/--security-opt|sysctl/g)).toHaveLength(1);
    expect(told).toMatch(LOST);
  });

  test("by a system without the program", async () => {
    const path = newFolder("path");
    const script = "import sys; print(sys.executable)";
    symlinkSync(execFileSync("python3", ["-c", script], { encoding: "utf8" }).trim(), join(path, "python3"));
    const env = newUser(newFolder("home"), { PATH: path });
    const { output } = await new Command(process.execPath, ["scripts/check.mjs"], untouchedCopy(), env).ended;
    expect(line(output)).toMatch(
      /^– Networks of their own: the program unshare is missing, .*`sudo apt install util-linux`/,
    );
  });
});

describe("Python", () => {
  const pythonSays = async (statements: string) => {
    const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
    const path = newFolder("path");
    const bootstrap = `import sys; ${statements}; sys.argv = sys.argv[1:]; exec(open(sys.argv[0]).read())`;
    writeFileSync(join(path, "python3"), `#!/bin/sh\nexec '${python}' -c '${bootstrap}' "$@"\n`, { mode: 0o755 });
    const env = newUser(newFolder("home"), { PATH: path });
    const { output } = await new Command(process.execPath, ["scripts/check.mjs"], untouchedCopy(), env).ended;
    return output.split("\n").find((one) => one.includes("Python"));
  };

  test.each([
    [
      "that is newer than the pins",
      "sys.version_info = (3, 15, 0)",
      /^– Python 3\.15\.0 is newer than those that the packages are made for \(3\.10 to 3\.14\)/,
    ],
    [
      "without ssl",
      'sys.modules["ssl"] = None',
      /^✗ Python 3\.\S+ \(\/.*\) is not complete, it lacks ssl: install it anew/,
    ],
    [
      "that does not run",
      'sys.exit("libpython3.so: cannot open shared object file")',
      /^✗ Python 3\.10 or newer is missing \(python3 does not run: libpython3\.so: cannot open/,
    ],
  ])("%s is no ✓", async (_what, statements, says) => {
    expect(await pythonSays(statements)).toMatch(says);
  });
});
