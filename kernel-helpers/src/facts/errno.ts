import { facts } from "./current";
import { ERRNO_MEANINGS } from "./errno-meaning";

/** Error code → number on this platform: `errno.EADDRINUSE` is 98 on Linux. Source: errno(3). */
export const errno: Readonly<Record<string, number>> = facts.errno;

const namesByNumber = new Map(Object.entries(errno).map(([code, number]) => [number, code]));

/** A table's own entry: "constructor" and the like, which every object inherits, are no errors. */
function own(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** The code of an error number, such as "EADDRINUSE"; a number without a code comes back as text, such as "999". */
export function errnoName(number: number): string {
  return namesByNumber.get(number) ?? String(number);
}

/** The system's own words for a code, as strerror(3) and strace give them: "Address already in use". */
export function errnoText(code: string): string {
  return own(facts.errnoTexts, code) ?? (facts.os === "darwin" ? `Unknown error: ${code}` : `Unknown error ${code}`);
}

/** One plain sentence about what a code means for sockets. */
export function errnoMeaning(code: string): string {
  return own(ERRNO_MEANINGS, code) ?? `The system gave error ${code}, which has no explanation here: see man 3 errno.`;
}
