import { spawnSync } from "node:child_process";
import { asItComes, type Kernel, startKernel } from "../../support/jupyter/index.js";
import { denoIsWanted, denoKernel, fetchDeno } from "./deno.js";

/** A kernel that is measured, and the import that is measured in it. */
export interface Peer {
  who: string;
  start(): Promise<Kernel>;
  /** A cell that brings sockets into the notebook. */
  imports: string;
}

const HELPERS =
  'import { socket, choosePort, closeAll, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";\nconst PORT = choosePort();';

/** Ours, and tslab as it comes from npm. */
export const OURS: Peer = { who: "ours", start: () => startKernel({ spec: "ours" }), imports: HELPERS };
export const STOCK: Peer = {
  who: "stock tslab",
  start: () => startKernel({ spec: "stock", command: asItComes }),
  imports: HELPERS,
};

/** Ends what it starts with the process that starts it, whatever becomes of that. (Ours and the stock one look after their parent.) */
const SETPRIV = ["setpriv", "--pdeathsig", "KILL"];
const endsWithUs = spawnSync(SETPRIV[0]!, [...SETPRIV.slice(1), "true"]).status === 0 ? SETPRIV : [];

/** A kernel with a command line of its own. */
function other(who: string, imports: string, command: (file: string) => string[], env: NodeJS.ProcessEnv = {}): Peer {
  const own = (ours: string[]): string[] => [...endsWithUs, ...command(ours.at(-1)!)];
  return { who, imports, start: () => startKernel({ spec: "ours", command: own, env }) };
}

const python = process.env.WORKSHOP_PYTHON ?? "python3";

/** All that are measured here: Deno only when it is asked for. */
export async function peers(): Promise<Peer[]> {
  const ipykernel = other("ipykernel", "import socket", (file) => [python, "-m", "ipykernel_launcher", "-f", file]);
  if (!denoIsWanted()) return [OURS, STOCK, ipykernel];
  const { command, env } = denoKernel(await fetchDeno());
  return [OURS, STOCK, ipykernel, other("Deno", 'import net from "node:net";', command, env)];
}
