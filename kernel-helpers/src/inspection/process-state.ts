import { SystemFiles } from "./system-files";

/**
 * Whether a process has ended: its descriptors are closed then, even if its parent has not asked yet how it ended (a "zombie"). Its first
 * thread can be that while others are still on their way out and keep the descriptors open. True as well where the system has no /proc.
 *
 * @see man 5 proc, /proc/pid/stat, /proc/pid/task
 */
export function hasEnded(pid: number): boolean {
  const files = new SystemFiles();
  const text = files.text(`/proc/${pid}/stat`);
  if (text === undefined) return true;
  // The name in parentheses can itself hold parentheses and spaces.
  const state = text[text.lastIndexOf(")") + 2];
  return (state === "Z" || state === "X") && files.names(`/proc/${pid}/task`).length <= 1;
}
