import { lacking, there } from "./finding.mjs";
import { inProject, textOf } from "./project.mjs";
import { findPython } from "./python.mjs";
import { run } from "./run.mjs";

/** As kernel-helpers starts a process in a network of its own (processes/child.ts). */
const UNSHARE = ["--user", "--map-root-user", "--net", "--"];

/** Without the privilege CAP_NET_ADMIN. @param {string} pronoun */
const lost = (pronoun) =>
  `Without ${pronoun} otherProcess(…, { network: "own" }) is refused, ${mayLoseSegments() ? "and notebook 04 runs in this machine's network instead" : "on newer kernels loseSegments too, and notebook 04 loses datagrams only"}`;

const CAP_NET_ADMIN = 12n; // linux/capability.h

const status = () => textOf("/proc/self/status") ?? "";

/** Who has the privilege needs no network of their own for it. */
function mayLoseSegments() {
  const effective = /^CapEff:\s*(\w+)$/m.exec(status())?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}

/** Says whether a filter judges this process's calls (seccomp), as in most containers. */
const isFiltered = () => /^Seccomp:\s*2$/m.test(status());

/** @typedef {[name: string, forbids: string, allows: string]} Setting a setting of the system, and two of its values */

/** @type {Setting} */
const USERNS_CLONE = ["kernel.unprivileged_userns_clone", "0", "1"];
/** Ubuntu 24.04: unshare(2) succeeds, and what is done after it is denied. @type {Setting} */
const APPARMOR = ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"];
/** @type {Setting[]} */
const LIMITS = [
  ["user.max_user_namespaces", "0", "15000"],
  ["user.max_net_namespaces", "0", "15000"],
];

/** How the first of these settings that forbids it is changed. @param {Setting[]} settings */
function change(settings) {
  for (const [name, forbids, allows] of settings) {
    if (textOf(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim() !== forbids) continue;
    return `${name} is ${forbids} here: \`sudo sysctl -w ${name}=${allows}\` allows it until the next restart, and the line \`${name}=${allows}\` in a file below /etc/sysctl.d for good`;
  }
  return undefined;
}

const filter = () =>
  isFiltered()
    ? "a filter (seccomp) refuses it, as in most containers: start the container with `--security-opt seccomp=unconfined`, or with a profile that allows unshare and the namespaces of users and networks"
    : undefined;

const UNKNOWN =
  "a rule of this machine (AppArmor, SELinux, a container) forbids it: ask whoever runs it to allow user and network namespaces";

/**
 * What forbids it here, and how it is allowed.
 * @param {string} words what `unshare`, or our program in it, said
 */
function remedy(words) {
  if (/No space left/.test(words)) {
    return change(LIMITS) ?? "the limit on namespaces is reached (`sysctl user`): end programs that have some";
  }
  if (/Invalid argument|Function not implemented/.test(words)) {
    return "this kernel was built without them (CONFIG_USER_NS, CONFIG_NET_NS): another kernel is needed";
  }
  if (/unshare failed: Operation not permitted/.test(words)) {
    return change([USERNS_CLONE]) ?? filter() ?? change([APPARMOR]) ?? UNKNOWN;
  }
  return change([APPARMOR]) ?? filter() ?? UNKNOWN;
}

/** Makes a network of its own, switches its loopback interface on, and says how that went, as one finding. */
export async function checkOwnNetwork() {
  const what = "Networks of their own";
  if (process.platform !== "linux") return lacking(`${what} exist on Linux only. ${lost("them")}`);
  const found = await findPython();
  if ("problem" in found) return lacking(`${what} could not be tried: that needs Python`);
  const { code, output } = await run("unshare", [
    ...UNSHARE,
    found.python.executable,
    inProject("scripts", "lib", "own_network.py"),
  ]);
  if (code === 0) return there(`${what} (made one, its loopback works)`);
  const words = output.trim().split("\n").at(-1) ?? "";
  if (code === 127 && words.includes("ENOENT")) {
    return lacking(
      `${what}: the program unshare is missing, on Debian and Ubuntu \`sudo apt install util-linux\`. ${lost("it")}`,
    );
  }
  const step = words.startsWith("unshare:") ? words : `its loopback cannot be switched on, ${words}`;
  return lacking(`${what} are refused (${step}): ${remedy(words)}. ${lost("them")}`);
}
