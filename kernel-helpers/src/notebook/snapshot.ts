import { Snapshot } from "../inspection";
import { type Network, networks } from "../processes/networks";

/** What the system says now, in the networks of the notebook and of its other processes: one for each picture or table. */
export function takeSnapshot(): Snapshot<Network> {
  return new Snapshot(networks());
}
