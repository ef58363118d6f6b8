import { existsSync, mkdtempSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type KernelOptions, ROOT } from "./jupyter/index.js";
import { compileRefusal } from "./refusal.js";

/*
 * Other machines than the one that the tests run on: what `withKernel` needs to start a kernel there.
 */
export interface Environment {
  readonly name: string;
  readonly kernel: Pick<KernelOptions, "transport" | "owner"> & { command: (own: string[]) => string[] };
}

/** Whoever runs the tests, and the machine as it is. */
export const here: Environment = { name: "here", kernel: { command: (own) => own } };

const ROOT_RUNS_THIS = process.getuid?.() === 0;
/** "nobody", on every Linux. */
const NOBODY = 65_534;

const BECOME = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
/** Without any capability, and without a way to get one. */
const DROP_ALL = [...BECOME, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];

/**
 * The project, and Node, where everybody can reach them: a checkout below /root, and a Node that nvm has put there, are for root alone.
 * The mounts are in a namespace of the one process, and gone with it.
 */
const WITHIN_REACH = `
folder=$1 project=$2 node=$3 user=$4
shift 4
mount -t tmpfs -o mode=755 none "$folder"
mkdir "$folder/project" "$folder/home"
: >"$folder/node"
chown "$user:$user" "$folder/home"
mount --bind "$project" "$folder/project"
mount --bind "$node" "$folder/node"
cd "$folder/project/notebooks"
export HOME="$folder/home"
exec "$@"`;

/**
 * A user without any privilege whose home is empty. Root drops all that it has and becomes another user; who has no privilege only gets the home.
 *
 * @param folder an empty one, below folders that everybody may enter
 */
export function ordinaryUser(folder: string): Environment {
  const name = "an ordinary user";
  if (!ROOT_RUNS_THIS) {
    const home = mkdtempSync(join(folder, "home-"));
    return { name, kernel: { command: (own) => ["env", `HOME=${home}`, ...own] } };
  }
  const moved = (word: string) => {
    if (word === process.execPath) return join(folder, "node");
    return word.startsWith(ROOT) ? join(folder, "project", word.slice(ROOT.length)) : word;
  };
  const command = (own: string[]) => {
    need("unshare", "mount", "setpriv");
    const enter = ["unshare", "--mount", "sh", "-euc", WITHIN_REACH, "sh", folder, ROOT, process.execPath, `${NOBODY}`];
    return [...enter, ...DROP_ALL, ...own.map(moved)];
  };
  return { name, kernel: { owner: NOBODY, command } };
}

/** Only loopback. IPv6 goes first: an interface that comes up gets its addresses at once. */
const LOOPBACK_WITHOUT_IPV6 = `
for one in all default lo; do
  file=/proc/sys/net/ipv6/conf/$one/disable_ipv6
  if [ -e "$file" ]; then echo 1 >"$file"; fi
done
ip link set lo up`;

/** Not the whole of 127.0.0.0/8, as on systems other than Linux. */
const ONE_ADDRESS = `
ip address flush dev lo
ip address add 127.0.0.1/32 dev lo`;

/** The command line that prepares a new network namespace, and then runs `own` in it. Who is not root is root of that namespace only. */
function inNewNetwork(preparation: string, own: string[]): string[] {
  need("unshare", "ip");
  const enter = ROOT_RUNS_THIS ? ["unshare", "--net"] : ["unshare", "--user", "--map-root-user", "--net"];
  return [...enter, "sh", "-euc", `${preparation}\nexec "$@"`, "sh", ...own];
}

/** A machine in no network, of which no interface has an IPv6 address. */
export function withoutIPv6Address(): Environment {
  const command = (own: string[]) => inNewNetwork(LOOPBACK_WITHOUT_IPV6, own);
  return { name: "no IPv6 address", kernel: { transport: "ipc", command } };
}

/**
 * A machine in no network with the one address 127.0.0.1, whose system does not know IPv6: socket(AF_INET6, …) is answered with EAFNOSUPPORT.
 *
 * @param folder where the program that brings it about is put
 */
export function withoutIPv6(folder: string): Environment {
  const program = join(folder, "without-inet6");
  const command = (own: string[]) => {
    need("gcc");
    // As after booting with ipv6.disable=1; but the files of IPv6 below /proc stay, which a system without it does not have.
    if (!existsSync(program))
      compileRefusal(program, { call: "socket", answer: "EAFNOSUPPORT", where: [0, "AF_INET6"] });
    return inNewNetwork(LOOPBACK_WITHOUT_IPV6 + ONE_ADDRESS, [program, ...own]);
  };
  return { name: "one address and no IPv6", kernel: { transport: "ipc", command } };
}

/** A machine on which nobody may make a namespace, and no process has a privilege over the network that it is in. */
export function withoutNamespaces(): Environment {
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces\nexec "$@"';
  const command = (own: string[]) => {
    need("unshare");
    // In a user namespace of its own the limit is its own, and root is nobody outside it.
    return ["unshare", "--user", "--map-root-user", "sh", "-euc", forbid, "sh", ...own];
  };
  return { name: "no namespaces", kernel: { command } };
}

/** Where a program is, in Debian's words. */
const PACKAGES = { unshare: "util-linux", setpriv: "util-linux", mount: "mount", ip: "iproute2", gcc: "gcc" };

function need(...programs: (keyof typeof PACKAGES)[]): void {
  const folders = (process.env.PATH ?? "").split(delimiter);
  for (const program of programs) {
    if (folders.some((folder) => existsSync(join(folder, program)))) continue;
    throw new Error(
      `This test needs the program "${program}" (Debian: ${PACKAGES[program]}), which is not in the PATH.`,
    );
  }
}
