import { spawnSync } from "node:child_process";
import type { PoolOptions, PoolRunnerInitializer } from "vitest/node";
import { ForksPoolWorker } from "vitest/node";

/*
 * Test files that make connections run beside each other, each in a network that nobody else is in: they choose their ports from one range, and
 * some look at all sockets of the machine.
 */

/** How many places the table of a network's TCP sockets has: to walk through the machine's own, of 262,144, takes the system 30 ms for each picture. */
const PLACES = 1024;

/**
 * A network's table is as large as the network says in which it is made; Linux before 6.1 does not ask, and gives all of them the machine's own.
 */
const ENTER = `
echo ${PLACES} 2>/dev/null >/proc/sys/net/ipv4/tcp_child_ehash_entries || :
exec unshare --net sh -euc "$@"`;

/**
 * A network as that of a machine which reaches others: a loopback interface, and one through which a route leads to everywhere. What is sent there
 * is lost on the way: its other end is an interface that nobody listens on. Only the servers that translate names are out of reach, as without a
 * network: a program that asks them hears so at once, and does not wait for half a minute.
 */
const PREPARE = `
ip -batch - <<END
link set lo up
link add eth0 type veth peer name far-end
address add 192.0.2.2/24 dev eth0
link set eth0 up arp off
link set far-end up
route add default dev eth0
$(sed -n 's/^nameserver  *\\([0-9][0-9.]*\\)$/route add unreachable \\1/p' /etc/resolv.conf 2>/dev/null | grep -v ' 127' | sort -u)
END
exec "$@"`;

/** The command line that runs `own` in a new network, as the process that is started. */
export function commandInOwnNetwork(own: readonly string[]): [program: string, ...args: string[]] {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  const enter = ["--net", "sh", "-euc", ENTER, "sh", PREPARE, "sh"];
  if (uid === 0) return ["unshare", ...enter, ...own];
  // Who is not root has rights over the network in a user namespace, and then is in another one who they were, without these rights.
  const back = ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"];
  return ["unshare", "--user", "--map-root-user", ...enter, ...back, ...own];
}

/** Why a network of its own cannot be had here, in the system's words; undefined where it can. */
export function whyNoNetwork(): string | undefined {
  const [program, ...args] = commandInOwnNetwork([process.execPath, "--version"]);
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Vitest reads its configuration anew for each project: the system is asked, and the answer said, once. */
const asked = globalThis as { workshopHasOwnNetworks?: boolean };

/** Whether files can have networks of their own; where they cannot, says so. */
export function hasOwnNetworks(): boolean {
  if (asked.workshopHasOwnNetworks === undefined) {
    const obstacle = whyNoNetwork();
    asked.workshopHasOwnNetworks = obstacle === undefined;
    if (obstacle !== undefined)
      console.log(
        `Networks cannot be made here (${obstacle}): the files of test/real run one at a time, which takes minutes more.`,
      );
  }
  return asked.workshopHasOwnNetworks;
}

/** A process that has run one file is given another where its name is that of the pool. */
const NAME = "own network";

/** Vitest's worker process, in a network of its own. */
class OwnNetworkWorker extends ForksPoolWorker {
  override readonly name = NAME;

  override start(): Promise<void> {
    const { execPath } = process;
    const { execArgv } = this;
    // What fork() starts as Node, with Node's options before the file, is `unshare` with all of the command line before the file.
    const [program, ...args] = commandInOwnNetwork([execPath, ...execArgv]);
    this.execArgv = args;
    process.execPath = program;
    try {
      // The process is started before this returns.
      return super.start();
    } finally {
      process.execPath = execPath;
      this.execArgv = execArgv;
    }
  }
}

export const ownNetworks: PoolRunnerInitializer = {
  name: NAME,
  createPoolWorker: (options: PoolOptions) => new OwnNetworkWorker(options),
};
