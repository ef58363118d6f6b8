import { type OtherProcess, otherProcess } from "kernel-helpers";
import { startedAs } from "./started-as.js";

/** Runs what is started as Node with this shell command before it. Node's descriptors go through it. */
const startedBy = <T>(command: string, start: () => Promise<T>): Promise<T> =>
  startedAs(`exec ${command.replace("NODE", `'${process.execPath}'`)}`, start);

/** Starts another process in the network of one that has a network of its own. */
export function inNetworkOf(neighbour: OtherProcess, name: string): Promise<OtherProcess> {
  return startedBy(`nsenter -t ${neighbour.pid} -U -n --preserve-credentials -- NODE "$@"`, () => otherProcess(name));
}
