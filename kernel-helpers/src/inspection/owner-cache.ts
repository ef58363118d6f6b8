import { processWide } from "../cells";
import { inodeOf } from "./inode";
import { type Owner, ownersOf } from "./owners";

/** How long a socket whose process could not be seen is not looked for again: milliseconds. */
const PAUSE = 5000;
const REMEMBERED = 1000;

const state = processWide("socket owners", () => ({
  known: new Map<number, Owner>(),
  unseen: new Map<number, number>(),
}));

/**
 * As {@link ownersOf}, for a table that is drawn again and again: a process is searched for once, and from then on it is only looked
 * whether it still has the socket.
 */
export function socketOwners(inodes: Iterable<number>): Map<number, Owner> {
  const now = performance.now();
  const found = new Map<number, Owner>();
  const wanted: number[] = [];
  for (const inode of inodes) {
    const owner = state.known.get(inode);
    if (owner !== undefined && inodeOf(owner.fd, owner.pid) === inode) found.set(inode, owner);
    else if (inode !== 0 && now - (state.unseen.get(inode) ?? Number.NEGATIVE_INFINITY) > PAUSE) wanted.push(inode);
  }
  const searched = ownersOf(wanted);
  if (state.known.size + state.unseen.size > REMEMBERED) forget();
  for (const inode of wanted) {
    const owner = searched.get(inode);
    if (owner === undefined) state.unseen.set(inode, now);
    else found.set(inode, owner);
  }
  for (const [inode, owner] of found) state.known.set(inode, owner);
  return found;
}

function forget(): void {
  state.known.clear();
  state.unseen.clear();
}
