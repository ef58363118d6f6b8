import { beforeBlocking, beforeClose, close } from "../calls";
import { processWide } from "../cells";
import { SENTENCES } from "../errors/sentences";
import { say, trace } from "../trace";
import type { Core } from "./core";
import type { Handle } from "./handle";
import { otherProcesses } from "./other-process/known";
import { removeFile } from "./socket-file";

/** The open handles of this process, by name, in the order in which they were opened. */
const open = processWide("handles", () => new Map<string, { core: Core; handle: Handle }>());

processWide("handles know of closes", () => {
  beforeClose((fd) => coreOf(fd)?.markClosed(SENTENCES.closedBehind()));
  beforeBlocking((fd) => {
    const core = coreOf(fd);
    if (core === undefined) return;
    throw new RangeError(
      `Descriptor ${fd} belongs to the handle "${core.name}", which stays non-blocking: a call that waits would stop the whole notebook. Make a socket of your own with calls.socket(…).`,
    );
  });
  return true;
});

const cores = processWide("cores", () => new WeakMap<Handle, Core>());

/**
 * What the handle is made of; undefined when it is no handle.
 *
 * @internal
 */
export function coreOfHandle(handle: Handle): Core | undefined {
  return typeof handle === "object" && handle !== null ? cores.get(handle) : undefined;
}

/** @internal */
export function register(core: Core, handle: Handle): void {
  cores.set(handle, core);
  claim(core);
  open.set(core.name, { core, handle });
}

/**
 * The open handles, oldest first.
 *
 * @internal
 */
export function openHandles(): { core: Core; handle: Handle }[] {
  const entries = [...open.values()].filter(({ core }) => core.closed === undefined);
  if (entries.length !== open.size)
    for (const { core } of open.values()) if (core.closed !== undefined) unregister(core);
  return entries;
}

/** The last handle that had each descriptor. */
const owners = processWide("owners", () => new Map<number, Core>());

/**
 * The open handle that has this descriptor.
 *
 * @internal
 */
export function coreOf(fd: number): Core | undefined {
  const core = owners.get(fd);
  return core?.fd === fd && core.closed === undefined ? core : undefined;
}

/**
 * Notes that the descriptor is this handle's. The system gave it a number that is free: a handle that still believes to have it was closed
 * behind its back, and must not close the number again.
 *
 * @internal
 */
export function claim(core: Core): void {
  const before = coreOf(core.fd);
  if (before !== core) before?.markClosed(SENTENCES.numberTaken());
  owners.set(core.fd, core);
}

/**
 * Whether an open handle has this name.
 *
 * @internal
 */
export function isOpen(name: string): boolean {
  const entry = open.get(name);
  return entry !== undefined && entry.core.closed === undefined;
}

/** @internal */
export function unregister(core: Core): void {
  if (open.get(core.name)?.core === core) open.delete(core.name);
  if (owners.get(core.fd) === core) owners.delete(core.fd);
}

/** How many closed clients are remembered. */
const REMEMBERED = 1000;

/** Handles that were closed while they were connected, by the address that their peer saw. */
const gone = processWide("closed clients", () => new Map<string, Core>());

/**
 * The closed handle that had this address, if it was one of ours: its connection can still wait to be accepted.
 *
 * @internal
 */
export function closedClient(address: string | undefined): Core | undefined {
  return address === undefined ? undefined : gone.get(address);
}

function rememberClient(core: Core): void {
  if (core.local === undefined || core.peer === undefined) return;
  gone.set(core.local, core);
  const oldest = gone.keys().next();
  if (gone.size > REMEMBERED && !oldest.done) gone.delete(oldest.value);
}

/**
 * Closes a handle as one step of it, and says so.
 *
 * @internal
 */
export function closeCore(core: Core, why: string): void {
  core.now("close", () => {
    const { fd } = core;
    core.markClosed(why);
    unregister(core);
    rememberClient(core);
    close(fd);
  });
  removeFileOf(core);
}

/**
 * Removes the file that the handle's bind() has made, once its socket is closed.
 *
 * @internal
 */
export function removeFileOf(core: Core): void {
  const { file } = core;
  core.file = undefined;
  if (file !== undefined && removeFile(file)) say(SENTENCES.fileRemoved(file.path));
}

/**
 * Closes the handle of this name, with everything that it accepted: the accepted ones first.
 *
 * @internal
 */
export function closeName(name: string, why: string): void {
  const handles = openHandles().filter(({ core }) => core.name === name || core.listener?.name === name);
  for (const { core } of handles.reverse()) closeQuietly(core, why);
}

function closeQuietly(core: Core, why: string): void {
  try {
    closeCore(core, why);
  } catch {
    // Its line says what went wrong; the others are closed all the same.
  }
}

/** Closes every open handle, the newest first, and ends the other processes. */
export function closeAll(): void {
  const handles = openHandles().reverse();
  const processes = otherProcesses();
  if (handles.length === 0 && processes.length === 0 && trace.mode === "short") say(SENTENCES.noHandleOpen());
  for (const { core } of handles) closeQuietly(core, SENTENCES.closedByAll());
  for (const process of processes) process.endNow("was ended by closeAll()");
}
