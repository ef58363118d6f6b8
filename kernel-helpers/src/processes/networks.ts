import { processWide } from "../cells";
import { hasEnded, networkOf } from "../inspection";
import { otherProcesses } from "./notebook-process";

const state = processWide("networks of processes", () => ({
  /** This process's. It is looked up once, as it never changes. */
  own: networkOf(),
  /** Those of the other processes, ended ones too: the pictures show what they have done. */
  others: new Map<number, string>(),
}));

/** The notebook's own network. */
export function ownNetwork(): string | undefined {
  return state.own;
}

export function noteNetwork(pid: number, network: string | undefined): void {
  if (network !== undefined) state.others.set(pid, network);
}

/** The network that a process of the notebook is in, or was. */
export function networkOfProcess(pid: number): string | undefined {
  return state.others.get(pid) ?? state.own;
}

/** The other processes, ended ones too, that are not in the notebook's own network. */
export function foreignNetworks(): { pid: number; network: string }[] {
  return [...state.others].flatMap(([pid, network]) => (network === state.own ? [] : [{ pid, network }]));
}

/** A network with processes of the notebook, and one of them, through which the system shows its tables. */
export interface Network {
  readonly name: string | undefined;
  readonly reader: number | "self";
  /** What the notebook calls it: nothing for its own, "lab" for that of the process with this name. */
  readonly title: string | undefined;
}

/** The networks that the notebook and its other processes are in, each once, the notebook's own first. */
export function networks(): Network[] {
  const { own } = state;
  const found = new Map<string | undefined, Network>([[own, { name: own, reader: "self", title: undefined }]]);
  for (const { name, pid, network } of otherProcesses()) {
    // One that is still starting has told nothing yet, and has no sockets; through one that has ended nothing can be read.
    if (network === undefined || found.has(network) || hasEnded(pid)) continue;
    found.set(network, { name: network, reader: pid, title: name });
  }
  return [...found.values()];
}
