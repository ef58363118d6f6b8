import { readlinkSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Problem } from "./problem.mjs";
import { inProject } from "./project.mjs";

const PATIENCE_MS = 15 * 60_000;
const LOOK_AGAIN_MS = 200;

// A symbolic link whose target is the holder's process id: made in one step, with its content.
const lock = inProject(".setup.lock");

/** @param {() => void} work @param {string} code the errno that means "somebody else was first" */
function unlessFirst(work, code) {
  try {
    work();
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === code) return false;
    throw error;
  }
}

/** @param {string} path */
function holder(path) {
  let pid = 0;
  unlessFirst(() => {
    pid = Number(readlinkSync(path));
  }, "ENOENT");
  return pid;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** Takes away the lock of a process that is gone. Renamed first: of two that try, one gets it. @param {number} pid */
function removeStale(pid) {
  const mine = `${lock}.${process.pid}`;
  if (!unlessFirst(() => renameSync(lock, mine), "ENOENT")) return;
  const taken = holder(mine);
  unlinkSync(mine);
  // Somebody was quicker and this is their new lock: give it back.
  if (taken !== pid) unlessFirst(() => symlinkSync(String(taken), lock), "EEXIST");
}

/** Gives the lock back if this process has it. */
export function unlock() {
  if (holder(lock) === process.pid) unlinkSync(lock);
}

/**
 * Does the work while no other process sets up this folder.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(work) {
  const deadline = Date.now() + PATIENCE_MS;
  let told = false;
  while (!unlessFirst(() => symlinkSync(String(process.pid), lock), "EEXIST")) {
    const pid = holder(lock);
    if (pid !== 0 && !isAlive(pid)) removeStale(pid);
    else if (Date.now() > deadline) throw new Problem(`Process ${pid} holds ${lock}: end it, or delete that file.`);
    else {
      if (!told && pid !== 0) console.log(`  Process ${pid} is setting up this folder: waiting for it …`);
      told ||= pid !== 0;
      await pause(LOOK_AGAIN_MS);
    }
  }
  try {
    return await work();
  } finally {
    unlock();
  }
}
