import { readFileSync, statSync } from "node:fs";

/**
 * Whether an open socket is listed with this very file. The system lists Unix-domain sockets with the path as bind() was given it, and only
 * those of one network.
 *
 * @see man 7 unix, /proc/net/unix
 */
export function pathIsListed(path: string): boolean {
  const file = identity(path);
  return file !== undefined && paths().some((listed) => identity(listed) === file);
}

function paths(): string[] {
  try {
    return readFileSync("/proc/self/net/unix", "utf8")
      .split("\n")
      .flatMap((line) => /^\S+: \S+ \S+ \S+ \S+ \S+ +\d+ (\/.*)$/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
