import { readdirSync, readFileSync } from "node:fs";

/**
 * Whether a process has ended: its descriptors are closed then, even if its parent has not asked yet how it ended (a "zombie"). Its first
 * thread can be that while others are still on their way out and keep the descriptors open. True as well where the system has no /proc.
 *
 * @see man 5 proc, /proc/pid/stat, /proc/pid/task
 */
export function hasEnded(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses can itself hold parentheses and spaces.
    const state = text[text.lastIndexOf(")") + 2];
    return (state === "Z" || state === "X") && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}
