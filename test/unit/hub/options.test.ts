import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { faults, report } from "../../../scripts/lib/hub/class-report.mjs";
import { hubOptions } from "../../../scripts/lib/hub/options.mjs";
import { passwords } from "../../../scripts/lib/hub/passwords.mjs";
import { privateFolder, requireRoot } from "../../../scripts/lib/hub/server.mjs";
import { Problem } from "../../../scripts/lib/problem.mjs";
import { project } from "../../start/project-copy.js";
import { notebookNames } from "../../support/notebooks.js";

type Fact = Parameters<typeof report>[0][number];

describe("npm run hub", () => {
  test("without options serves this machine alone, its accounts, and nobody is admin", () => {
    expect(hubOptions([])).toEqual({
      login: "system",
      ip: "127.0.0.1",
      port: 8000,
      hub_port: 8081,
      proxy_port: 8001,
      certificate: "",
      key: "",
      admin: "",
      memory: "2500M",
      cpus: 2,
      idle_minutes: 180,
    });
    expect(hubOptions(["--login=shared"]).admin).toBe("instructor");
  });

  test.each([
    ["--login=all", '--login=all: it is "system" or "shared".'],
    ["--ip=here", "--ip=here is no address: 0.0.0.0 means every address of this machine."],
    ["--port=0", "--port=0 is no number from 1 to 65535."],
    ["--port=many", "--port=many is no number from 1 to 65535."],
    ["--memory=1.5G", "--memory=1.5G is no size: write 2500M or 2G."],
    ["--cpus=0", "--cpus=0 is no number from 0.1 to 1024."],
    ["--idle-minutes=30", "--idle-minutes=30 is no number from 90 to 100000."],
    ["--ssl-cert=/nowhere", "--ssl-cert=/nowhere: there is no such file."],
    ["--ssl-cert=/etc/passwd", "--ssl-cert and --ssl-key belong together."],
  ])("%s is refused", (option, message) => {
    expect(() => hubOptions([option])).toThrow(message);
  });

  test("an option that it does not know is named", () => {
    expect(() => hubOptions(["--passwort=x"])).toThrow(/^There is no option --passwort\. hub\/README\.md lists/);
  });

  test("the limit on memory lets a learner open every notebook, by the README's figures", () => {
    const readme = readFileSync(join(project, "hub", "README.md"), "utf8");
    const [, server, most] = /(\d+) MB for a learner's server, .*?, (\d+) MB at the most/.exec(readme) ?? [];
    const kernels = notebookNames().length;
    expect(kernels).toBeGreaterThan(4);
    expect(Number.parseInt(hubOptions([]).memory, 10)).toBeGreaterThan(Number(server) + kernels * Number(most));
    const kubernetes = readFileSync(join(project, "hub", "kubernetes.yaml"), "utf8");
    expect(kubernetes).toContain(`limit: ${hubOptions([]).memory}\n`);
  });

  test("every option stands in its README", () => {
    const readme = readFileSync(join(project, "hub", "README.md"), "utf8");
    const source = readFileSync(join(project, "scripts", "lib", "hub", "options.mjs"), "utf8");
    const known = [...source.matchAll(/^ {2}"?([a-z-]+)"?: \{ type: "string"/gm)].map(([, name]) => `--${name}=`);
    expect(known.length).toBeGreaterThan(9);
    for (const option of known) expect(readme).toContain(option);
  });
});

test.each(["npm run hub", "npm run class -- 10"])("%s wants root, and says how", (command) => {
  vi.spyOn(process, "getuid").mockReturnValue(1000);
  expect(() => requireRoot(command)).toThrow(
    new Problem(`Only root can start each learner's server as that learner: \`sudo ${command}\`.`),
  );
});

test.each([
  ["/usr/bin:/bin", "/usr/bin:/bin:/usr/sbin:/sbin"],
  ["/sbin:/usr/bin:/usr/sbin", "/sbin:/usr/bin:/usr/sbin"],
  ["", "/usr/sbin:/sbin"],
])("root finds useradd also where `su` has left the PATH %j", (had, has) => {
  vi.spyOn(process, "getuid").mockReturnValue(0);
  vi.stubEnv("PATH", had);
  onTestFinished(() => void vi.unstubAllEnvs());
  requireRoot("npm run hub");
  expect(process.env.PATH).toBe(has);
});

describe("passwords", () => {
  const file = () => {
    const folder = mkdtempSync(join(tmpdir(), "passwords-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, "passwords.json");
  };

  test("are made once, long enough, and nobody else's to read", () => {
    const path = file();
    const made = passwords(path);
    expect(made.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){2}$/);
    expect(made.admin_password.length).toBeGreaterThanOrEqual(32);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
    expect(passwords(path)).toEqual(made);
    expect(passwords(file())).not.toEqual(made);
  });

  test.each([
    "{}",
    "no",
    '{"password": "short", "admin_password": "x"}',
    "null",
    `{"password": "${"a".repeat(32)}", "admin_password": "${"a".repeat(32)}"}`,
  ])("a file with %s is refused with what it must hold", (text) => {
    const path = file();
    writeFileSync(path, text);
    expect(() => passwords(path)).toThrow(
      /must hold "password" \(8 characters or more\) and "admin_password" \(32 or more\)/,
    );
  });
});

test("the folder of the state is closed again after somebody has opened it to all", () => {
  const folder = mkdtempSync(join(tmpdir(), "state-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "cookie_secret"), "secret", { mode: 0o644 });
  chmodSync(folder, 0o755);
  privateFolder(folder);
  const modes = [folder, join(folder, "cookie_secret")].map((path) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(["700", "600"]);
});

test("the learners' port ranges do not meet, are large enough, and lie below the ports of clients", () => {
  const ask = `import sys; sys.path.insert(0, "hub/workshop"); import ports
print([ports.port_range(n) for n in range(1, len(ports.STARTS) + 1)])
for n in (0, len(ports.STARTS) + 1):
    try: ports.port_range(n)
    except ports.NoRange as told: print(told)`;
  const [ranges = "", ...refused] = execFileSync("python3", ["-B", "-c", ask], { cwd: project, encoding: "utf8" })
    .trim()
    .split("\n");
  const all = [...ranges.matchAll(/'(\d+)-(\d+)'/g)].map(([, first, last]) => [Number(first), Number(last)] as const);
  expect(all).toHaveLength(113);
  const sorted = [...all].sort(([a], [b]) => a - b);
  sorted.forEach(([first, last], index) => {
    expect(last - first).toBe(199);
    expect(last).toBeLessThan(32_768);
    if (index > 0) expect(first).toBeGreaterThan(sorted[index - 1]![1]);
  });
  expect(all[0]).toEqual([20_000, 20_199]);
  expect(refused).toHaveLength(2);
  expect(refused[1]).toContain("113 learners, and this is number 114");
});

test("the report gives the middle and the most, and the faults by name", () => {
  const ran = (learner: string, seconds: number, kernels: number): Fact & { what: "notebook" } => ({
    what: "notebook",
    learner,
    notebook: "01",
    seconds,
    cells: 3,
    ports: [],
    failed: [],
    memory: { server: 100, kernels },
  });
  const broken = { ...ran("c", 9, 300), failed: [{ cell: "bind", error: "EADDRINUSE", text: "" }] };
  const facts = [ran("a", 1, 200), ran("b", 2, 210), broken];
  const lines = report(facts).map((line) => line.trim().split(/\s{2,}/));
  expect(lines).toContainEqual(["01", "2.0 s", "9.0 s"]);
  expect(lines).toContainEqual(["memory of a kernel", "210 MB", "300 MB"]);
  expect(lines).toContainEqual(["both", "310 MB", "400 MB"]);
  expect(faults([...facts, { what: "error", learner: "d", error: "no server" }])).toEqual([
    "c, 01, cell bind: EADDRINUSE",
    "d: no server",
  ]);
});
