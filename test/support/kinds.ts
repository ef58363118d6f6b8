import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AF_INET, AF_INET6, AF_UNIX, type Handle, LOOPBACK, LOOPBACK6 } from "kernel-helpers";
import { afterAll } from "vitest";

/** Where a handle binds or connects to: the arguments of bind() and connect(). */
export type Place = [address: string, port?: number];

/** A family of addresses with the address that a test binds to. */
export interface Kind {
  readonly family: number;
  /** Any free address of this machine. */
  anyPlace(): Place;
}

const directory = mkdtempSync(join(tmpdir(), "sockets-"));
let paths = 0;

/** A path for a Unix-domain socket that nobody has used. Call {@link removePaths} in the file that uses it. */
export function freshPath(): string {
  paths += 1;
  return join(directory, `${paths}.sock`);
}

/** Removes the paths when the tests of the file are over. */
export function removePaths(): void {
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
}

/** AF_INET, AF_INET6 and AF_UNIX. */
export const KINDS: Readonly<Record<string, Kind>> = {
  AF_INET: { family: AF_INET, anyPlace: () => [LOOPBACK, 0] },
  AF_INET6: { family: AF_INET6, anyPlace: () => [LOOPBACK6, 0] },
  AF_UNIX: { family: AF_UNIX, anyPlace: () => [freshPath()] },
};

/** The rows of `test.each`: name and kind. */
export const EACH_KIND = Object.entries(KINDS);
/** The two that have ports. */
export const EACH_INTERNET = EACH_KIND.filter(([name]) => name !== "AF_UNIX");

/** Where a bound handle can be reached. */
export function placeOf(handle: Handle): Place {
  const { family, address, port } = handle.getsockname();
  return family === "AF_UNIX" ? [address] : [address, port];
}
