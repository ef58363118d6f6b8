import { closeSync, fstatSync, openSync } from "node:fs";
import { processWide, whole } from "../cells";
import { SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";

/*
 * A process that is out of descriptors can open nothing: no file of /proc, and no module that is loaded when it is needed first. But just
 * then somebody wants to see what is open. So one descriptor is kept from the start, and is given back for as long as such an action takes:
 * each of them opens one file at a time.
 */

/** The descriptor that is kept, and the file that it was opened for: somebody else can have closed it, and its number be another file's. */
interface Spare {
  readonly fd: number;
  readonly file: string;
}

const reserve = processWide("spare descriptor", () => ({ spare: open() }));

function open(): Spare | undefined {
  try {
    const fd = openSync("/dev/null", "r");
    return { fd, file: fileOf(fd) };
  } catch {
    return undefined;
  }
}

function fileOf(fd: number): string {
  const { dev, ino, rdev } = fstatSync(fd);
  return `${dev} ${ino} ${rdev}`;
}

function giveBack(): void {
  const { spare } = reserve;
  reserve.spare = undefined;
  try {
    if (spare !== undefined && fileOf(spare.fd) === spare.file) closeSync(spare.fd);
  } catch {
    // It was closed behind our back: there is nothing to give.
  }
}

/** Whether an error of Node says that no file can be opened: because of this process's limit, or of the whole system's. */
export function isOutOfDescriptors(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}

/**
 * Does what opens a file or loads a module, also when the process has no descriptor left.
 *
 * @param action is done again when the first time has failed for want of a descriptor; it opens one file at a time
 * @throws SocketError EMFILE, ENFILE: there is none, and the spare one is gone too
 */
export function withSpareDescriptor<T>(action: () => T): T {
  return whole(() => openOneMore(action));
}

function openOneMore<T>(action: () => T): T {
  reserve.spare ??= open();
  try {
    return action();
  } catch (error) {
    if (!isOutOfDescriptors(error)) throw error;
  }
  giveBack();
  try {
    return action();
  } catch (error) {
    throw isOutOfDescriptors(error) ? inOwnWords(error) : error;
  } finally {
    reserve.spare = open();
  }
}

function inOwnWords({ code, path }: NodeJS.ErrnoException & { code: string }): SocketError {
  const call = `open(${path === undefined ? "…" : `"${path}"`})`;
  return new SocketError({ syscall: "open", code, call }, SENTENCES.noDescriptor());
}
