import { statSync } from "node:fs";
import { SystemFiles } from "./system-files";

/**
 * Whether an open socket is listed with this very file. The system lists Unix-domain sockets with the path as bind() was given it, and only
 * those of one network.
 *
 * @see man 7 unix, /proc/net/unix
 */
export function pathIsListed(path: string): boolean {
  const file = identity(path);
  return file !== undefined && pathsInUse(new SystemFiles()).some((listed) => identity(listed.path) === file);
}

/** A path that an open Unix-domain socket of this network was bound to, as bind() was given it. */
export interface PathInUse {
  readonly path: string;
  readonly inode: number;
  /** It is a socket for datagrams: an accepted one has the path of its listener too. */
  readonly datagrams: boolean;
}

/**
 * The paths of all open Unix-domain sockets of this network. None where the system does not show them.
 *
 * @see man 7 unix, /proc/net/unix
 */
export function pathsInUse(files: SystemFiles): PathInUse[] {
  return (files.text("/proc/self/net/unix") ?? "").split("\n").flatMap((line) => {
    const [, type, inode, path] = /^\S+: \S+ \S+ \S+ (\S+) \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, inode: Number(inode), datagrams: type === "0002" }];
  });
}

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
