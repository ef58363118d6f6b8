import { readFileSync } from "node:fs";

/** Which accounts had which ports, as the system told. */
export type PortUse = Map<number, Set<string>>;

const FIRST_OF_CLIENTS = 32_768;
const LISTENING = "0A"; // include/net/tcp_states.h, TCP_LISTEN
const UNCONNECTED = "07"; // a datagram socket without a peer
const INTERVAL_MS = 100;

function accounts(): Map<number, string> {
  const lines = readFileSync("/etc/passwd", "utf8").trim().split("\n");
  return new Map(lines.map((line) => line.split(":")).map(([name = "", , uid]) => [Number(uid), name]));
}

function look(use: PortUse): void {
  const names = accounts();
  for (const table of ["tcp", "tcp6", "udp", "udp6"]) {
    for (const row of readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1)) {
      const [, local = "", , state = "", , , , uid] = row.trim().split(/\s+/);
      const port = Number.parseInt(local.split(":").at(-1) ?? "", 16);
      if (port >= FIRST_OF_CLIENTS || port < 1024 || (state !== LISTENING && state !== UNCONNECTED)) continue;
      const owners = use.get(port) ?? new Set();
      owners.add(names.get(Number(uid)) ?? String(uid));
      use.set(port, owners);
    }
  }
}

/** Looks ten times a second at what listens, and at what receives datagrams, below the ports that the system gives to clients. */
export function watchPorts(): { stop(): PortUse } {
  const use: PortUse = new Map();
  const timer = setInterval(() => look(use), INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return use;
    },
  };
}
