import { readlinkSync, rmSync, symlinkSync } from "node:fs";

/**
 * Does the work unless another process is at it. The lock is a symbolic link whose target is the holder's process id: made in one step,
 * with its content.
 *
 * @returns whether it was done
 */
export async function unlessUnderWay(lock: string, work: () => Promise<void>): Promise<boolean> {
  if (!take(lock)) {
    if (isAlive(holder(lock))) return false;
    rmSync(lock, { force: true });
    if (!take(lock)) return false;
  }
  try {
    await work();
    return true;
  } finally {
    if (holder(lock) === process.pid) rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holder(lock: string): number {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
