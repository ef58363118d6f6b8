import { SENTENCES } from "../../../errors/sentences";
import type { Handle } from "../../handle";
import { closeCore, coreOfHandle, openHandles } from "../../registry";
import type { HandleFacts } from "../messages";

/** How many closed handles are kept, for the words of a call on one. */
const CLOSED_KEPT = 100;

/** The handles that this process has made: by the number under which the notebook knows them, and the newest of each name. */
const byId = new Map<number, Handle>();
const ids = new WeakMap<Handle, number>();
const newest = new Map<string, Handle>();
/** The closed ones among them, in the order in which the notebook was told of that. */
const closedIds = new Set<number>();
let count = 0;

/** What the notebook is told of a handle; it has a number from the first time on. */
export function factsOf(handle: Handle): HandleFacts {
  let id = ids.get(handle);
  if (id === undefined) {
    count += 1;
    id = count;
    ids.set(handle, id);
    byId.set(id, handle);
    newest.set(handle.name, handle);
  }
  if (handle.closed) forgetLater(id);
  const { name, fd, family, type, closed, local, peer, listener } = coreOfHandle(handle)!;
  const accepted = listener === undefined ? {} : { listener: { local: listener.local } };
  return { id, name, family, type, fd, closed: closed !== undefined, local, peer, ...accepted };
}

/** Forgets a closed handle when enough others were closed after it. */
function forgetLater(id: number): void {
  closedIds.add(id);
  const oldest = closedIds.values().next();
  if (closedIds.size <= CLOSED_KEPT || oldest.done) return;
  closedIds.delete(oldest.value);
  const handle = byId.get(oldest.value);
  byId.delete(oldest.value);
  if (handle !== undefined && newest.get(handle.name) === handle) newest.delete(handle.name);
}

/** The newest handle with this name, as it is now. */
export function factsOfName(name: string): HandleFacts | undefined {
  const handle = newest.get(name);
  return handle === undefined ? undefined : factsOf(handle);
}

/** The handle that the notebook means; undefined for one that was closed long ago. */
export function handleWith(id: number): Handle | undefined {
  return byId.get(id);
}

/** Closes every handle, the newest first, before this process ends. */
export function closeHandles(): void {
  for (const { core } of openHandles().reverse()) {
    try {
      closeCore(core, SENTENCES.processStopped());
    } catch {
      // Its line says what went wrong; the others are closed all the same.
    }
  }
}
