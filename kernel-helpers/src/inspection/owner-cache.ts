import { processWide } from "../cells";
import { inodeOf } from "./inode";
import { type Owner, ownersOf } from "./owners";
import { SystemFiles } from "./system-files";

/** How long a socket whose process could not be found is not searched for again: milliseconds. */
const PAUSE = 5000;
const REMEMBERED = 1000;

const state = processWide("socket owners", () => ({
  found: new Map<number, Owner>(),
  /** When a socket's process was last searched for in vain. */
  missed: new Map<number, number>(),
}));

/**
 * As {@link ownersOf}, for a table that is drawn again and again: a process is searched for once, and from then on it is only looked
 * whether it still has the socket.
 */
export function socketOwners(inodes: Iterable<number>, files: SystemFiles = new SystemFiles()): Map<number, Owner> {
  const now = performance.now();
  const owners = new Map<number, Owner>();
  const wanted: number[] = [];
  for (const inode of inodes) {
    const owner = state.found.get(inode);
    if (owner !== undefined && inodeOf(owner.fd, owner.pid, files) === inode) owners.set(inode, owner);
    else if (inode !== 0 && now - (state.missed.get(inode) ?? Number.NEGATIVE_INFINITY) > PAUSE) wanted.push(inode);
  }
  const searched = ownersOf(wanted, undefined, files);
  if (state.found.size + state.missed.size > REMEMBERED) forget();
  for (const inode of wanted) {
    const owner = searched.get(inode);
    if (owner === undefined) state.missed.set(inode, now);
    else owners.set(inode, owner);
  }
  for (const [inode, owner] of owners) state.found.set(inode, owner);
  return owners;
}

function forget(): void {
  state.found.clear();
  state.missed.clear();
}
