import { execFileSync } from "node:child_process";
import { ROOT } from "../../support/jupyter/index.js";

/** What stands before a program: nothing, or the command that runs it elsewhere or with less. */
const BEFORE = {
  /** Without any privilege in this network: whoever runs the tests, root too. */
  unprivileged: ["unshare", "--user"],
  /** In a network of its own, with every privilege in it; `lo` is up. */
  ownNetwork: ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"],
  /** The same without IPv6. */
  withoutIPv6: [
    ...["unshare", "--user", "--map-root-user", "--net", "sh", "-c"],
    'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set lo up; exec "$@"',
    "sh",
  ],
  /** The same where the system has only two ports to choose from. */
  twoPorts: [
    ...["unshare", "--user", "--map-root-user", "--net", "sh", "-c"],
    'ip link set lo up; echo 30000 30001 >/proc/sys/net/ipv4/ip_local_port_range; exec "$@"',
    "sh",
  ],
  /** With 64 descriptors. */
  fewDescriptors: ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"],
  plain: ["env"],
} as const;

/** Where a program runs. */
export type Where = keyof typeof BEFORE | readonly string[];

/**
 * Runs a program of the workshop in a process of its own, and gives back what it printed. `k` is the package; `fails(action)` is the error of
 * an action that must fail, and prints it.
 */
export function runProgram(
  where: Where,
  program: string,
  environment: NodeJS.ProcessEnv = {},
  /** What runs before the package is loaded. */
  first = "",
): string {
  const code = `${first} const k = require("kernel-helpers"); const { calls, socket } = k; const fs = require("node:fs");
    const same = require("node:assert/strict").deepEqual;
    const inet = (address, port) => ({ family: "AF_INET", address, port });
    const inet6 = (address, port, scopeId = 0) => ({ family: "AF_INET6", address, port, flowinfo: 0, scopeId });
    const unix = (path) => ({ family: "AF_UNIX", path });
    const fails = async (action) => {
      try { await action(); } catch (error) { console.log(error.message); return error; }
      throw new Error("It succeeded, and should have failed: " + action);
    };
    k.trace.off();
    (async () => { ${program} })().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });`;
  const [command, ...args] = typeof where === "string" ? BEFORE[where] : where;
  return execFileSync(command!, [...args, process.execPath, "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
}
