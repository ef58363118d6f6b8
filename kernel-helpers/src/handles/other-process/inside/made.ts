import type { Handle } from "../../handle";
import { closeCore, coreOfHandle, openHandles } from "../../registry";
import type { HandleFacts } from "../messages";

/** The handles that this process has made: by the number under which the notebook knows them, and the newest of each name. */
const byId = new Map<number, Handle>();
const ids = new WeakMap<Handle, number>();
const newest = new Map<string, Handle>();

/** What the notebook is told of a handle; it has a number from the first time on. */
export function factsOf(handle: Handle): HandleFacts {
  let id = ids.get(handle);
  if (id === undefined) {
    id = byId.size + 1;
    ids.set(handle, id);
    byId.set(id, handle);
    newest.set(handle.name, handle);
  }
  const { name, fd, family, type, closed, local, peer, listener } = coreOfHandle(handle)!;
  const accepted = listener === undefined ? {} : { listener: { local: listener.local } };
  return { id, name, family, type, fd, closed: closed !== undefined, local, peer, ...accepted };
}

/** The newest handle with this name, as it is now. */
export function factsOfName(name: string): HandleFacts | undefined {
  const handle = newest.get(name);
  return handle === undefined ? undefined : factsOf(handle);
}

/** The handle that the notebook means. */
export function handleWith(id: number): Handle {
  return byId.get(id)!;
}

/** Closes every handle, the newest first, before this process ends. */
export function closeHandles(): void {
  for (const { core } of openHandles().reverse()) {
    try {
      closeCore(core, "Its process was stopped");
    } catch {
      // Its line says what went wrong; the others are closed all the same.
    }
  }
}
