import { lstatSync, unlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { SocketAddress } from "../bytes";
import { processWide } from "../cells";

/**
 * The file that bind(2) has made for a Unix-domain socket. It stays when the socket is closed, and the next bind to the path is EADDRINUSE:
 * so the handle that made it removes it, and only that very file. (man 7 unix: "has to be deleted by the caller when it is no longer needed".)
 */
export interface SocketFile {
  /** Absolute: the process can go to another folder meanwhile. */
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Those that were made and not removed: they are when the process ends. */
const made = processWide("socket files", () => {
  const files = new Set<SocketFile>();
  process.on("exit", () => {
    for (const file of files) removeFile(file);
  });
  return files;
});

/** The file that a bind to this address has just made; undefined for another family, and for a name that is no file. */
export function fileOf(address: SocketAddress): SocketFile | undefined {
  if (address.family !== "AF_UNIX" || !("path" in address) || /^(\0|$)/.test(address.path)) return undefined;
  const path = resolve(address.path);
  const found = look(path);
  if (found === undefined) return undefined;
  const file = { path, dev: found.dev, ino: found.ino };
  made.add(file);
  return file;
}

/** Removes it, unless the path leads to another file by now. @returns whether it was there to be removed */
export function removeFile(file: SocketFile): boolean {
  made.delete(file);
  const found = look(file.path);
  if (found === undefined || found.dev !== file.dev || found.ino !== file.ino) return false;
  try {
    unlinkSync(file.path);
    return true;
  } catch {
    // The folder takes no changes any more: the file stays, as without us.
    return false;
  }
}

/** Whether a path leads to this very file. */
export function isFile(file: SocketFile, path: string): boolean {
  const found = look(path);
  return found !== undefined && found.dev === file.dev && found.ino === file.ino;
}

function look(path: string) {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
