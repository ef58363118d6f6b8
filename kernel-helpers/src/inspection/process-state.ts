import { readFileSync } from "node:fs";

/**
 * Whether a process has ended: its descriptors are closed then, even if its parent has not asked yet how it ended (a "zombie"). True as
 * well where the system has no /proc.
 *
 * @see man 5 proc, /proc/pid/stat
 */
export function hasEnded(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses can itself hold parentheses and spaces.
    const state = text[text.lastIndexOf(")") + 2];
    return state === "Z" || state === "X";
  } catch {
    return true;
  }
}
