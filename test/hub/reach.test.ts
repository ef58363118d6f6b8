import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { freePorts } from "../../scripts/lib/hub/free-ports.mjs";
import { hubOptions } from "../../scripts/lib/hub/options.mjs";
import { insistOnPorts, urls } from "../../scripts/lib/hub/reach.mjs";
import { newFolder, project } from "../start/project-copy.js";
import { Command } from "../support/command.js";
import { PATIENCE_MS } from "../support/time.js";

/** A folder of state inside one that stands for the project. */
function newState(): string {
  const state = join(newFolder("workshop"), "hub", "state");
  mkdirSync(state, { recursive: true });
  return state;
}

describe("the ports of npm run hub", () => {
  let ports: Record<"port" | "hub-port" | "proxy-port", number>;
  const options = () => hubOptions(Object.entries(ports).map(([name, port]) => `--${name}=${port}`));

  beforeEach(async () => {
    const [port = 0, hub = 0, proxy = 0] = await freePorts(3);
    ports = { port, "hub-port": hub, "proxy-port": proxy };
  });

  /** Takes one of them, as another JupyterHub does. */
  async function take(name: keyof typeof ports): Promise<void> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    ports[name] = (server.address() as AddressInfo).port;
  }

  test("are looked at before anything is started", async () => {
    await insistOnPorts(newState(), options());
  });

  test.each(["port", "hub-port", "proxy-port"] as const)("--%s: one in use is named, and who has it", async (name) => {
    await take(name);
    await expect(insistOnPorts(newState(), options())).rejects.toThrow(
      new RegExp(
        `^Port ${ports[name]} of 127\\.0\\.0\\.1 is in use \\([^)]+, process ${process.pid}\\): end that, or name another port with --${name}=NUMBER\\.$`,
      ),
    );
  });

  test("a proxy that was left behind is no hindrance, JupyterHub ends it; what only has its number is one", async () => {
    await take("port");
    const state = newState();
    const proxy = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "configurable-http-proxy"]);
    onTestFinished(() => void proxy.kill("SIGKILL"));
    await once(proxy, "spawn");
    writeFileSync(join(state, "proxy.pid"), `${proxy.pid}`);
    await insistOnPorts(state, options());
    writeFileSync(join(state, "proxy.pid"), `${process.pid}`);
    await expect(insistOnPorts(state, options())).rejects.toThrow("is in use");
  });

  test("all of them in use is told as what it is: the server runs already", async () => {
    await take("hub-port");
    const state = newState();
    const proxy = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "configurable-http-proxy"]);
    onTestFinished(() => void proxy.kill("SIGKILL"));
    await once(proxy, "spawn");
    writeFileSync(join(state, "proxy.pid"), `${proxy.pid}`);
    await expect(insistOnPorts(state, options())).rejects.toThrow(
      `\`npm run hub\` runs already in ${join(state, "..", "..")}: end that one first, with Ctrl-C in its terminal.`,
    );
  });

  test("an address that the machine does not have", async () => {
    // Of the addresses for documentation (RFC 5737), TEST-NET-3.
    const elsewhere = hubOptions([
      ...Object.entries(ports).map(([name, port]) => `--${name}=${port}`),
      "--ip=203.0.113.77",
    ]);
    await expect(insistOnPorts(newState(), elsewhere)).rejects.toThrow(
      /^--ip=203\.0\.113\.77 is no address of this machine: it has [\d., ]+; 0\.0\.0\.0 means all\.$/,
    );
  });
});

describe("what learners type", () => {
  const address = { netmask: "", mac: "", cidr: null } as const;
  const interfaces = {
    lo: [{ ...address, family: "IPv4" as const, address: "127.0.0.1", internal: true }],
    eth0: [
      { ...address, family: "IPv4" as const, address: "10.1.2.3", internal: false },
      { ...address, family: "IPv6" as const, address: "fe80::1", internal: false, scopeid: 2 },
    ],
  };
  test.each([
    ["", "0.0.0.0", 8000, "http://10.1.2.3:8000"],
    ["", "::", 80, "http://10.1.2.3"],
    ["cert.pem", "0.0.0.0", 443, "https://10.1.2.3"],
    ["", "127.0.0.1", 8000, "http://127.0.0.1:8000"],
    ["", "::1", 8000, "http://[::1]:8000"],
  ])("certificate %j, %s, port %i: %s", (certificate, ip, port, url) => {
    expect(urls({ certificate, ip, port }, interfaces)).toEqual([url]);
  });

  test("a machine without a network is reached from itself", () => {
    expect(urls({ certificate: "", ip: "0.0.0.0", port: 8000 }, { lo: interfaces.lo })).toEqual([
      "http://127.0.0.1:8000",
    ]);
  });
});

describe("one JupyterHub for one folder of state", () => {
  const python = (statements: string, state: string): [string, string[]] => [
    "python3",
    ["-B", "-c", `import sys; sys.path.insert(0, "hub/workshop"); import alone\n${statements}`, state],
  ];

  test("a second one is refused, and says so; when the first was killed there is nothing to remove", async () => {
    const state = newState();
    const [program, args] = python("alone.lock(sys.argv[1]); print('has it', flush=True); sys.stdin.read()", state);
    const first = spawn(program, args, { cwd: project, stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void first.kill("SIGKILL"));
    await once(first.stdout, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const second = () =>
      new Command(...python("alone.lock(sys.argv[1]); print('has it')", state), project, process.env).ended;
    expect(await second()).toMatchObject({
      code: 1,
      output: `✗ \`npm run hub\` runs already in ${join(state, "..", "..")}: end that one first, with Ctrl-C in its terminal.\n`,
    });
    first.kill("SIGKILL");
    await once(first, "close");
    expect(await second()).toMatchObject({ code: 0, output: "has it\n" });
  });

  test("what has the number of a proxy that is gone is not taken for the proxy", async () => {
    const state = newState();
    const file = join(state, "proxy.pid");
    const forget = () => {
      const [program, args] = python("alone.forget_proxy(sys.argv[1])", state);
      execFileSync(program, args, { cwd: project });
      return !existsSync(file);
    };
    const proxy = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "configurable-http-proxy"]);
    onTestFinished(() => void proxy.kill("SIGKILL"));
    await once(proxy, "spawn");
    writeFileSync(file, `${proxy.pid}`);
    expect(forget()).toBe(false);
    for (const other of [`${process.pid}`, "no number", ""]) {
      writeFileSync(file, other);
      expect(forget(), other).toBe(true);
    }
    expect(forget()).toBe(true);
  });
});
