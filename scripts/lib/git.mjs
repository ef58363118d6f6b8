import { spawnSync } from "node:child_process";
import { root } from "./project.mjs";

const LARGEST = 64 * 1024 * 1024;

/**
 * Asks git in the project folder, or in another one.
 * @param {string[]} args
 * @param {string} [folder]
 * @returns {Buffer | undefined} what it answers; undefined when there is no git, no repository, or no answer
 */
export function git(args, folder = root) {
  const { status, stdout } = spawnSync("git", ["-C", folder, ...args], { maxBuffer: LARGEST });
  return status === 0 ? stdout : undefined;
}

/**
 * The first line of an answer.
 * @param {string[]} args
 * @param {string} [folder]
 */
export const gitLine = (args, folder) => git(args, folder)?.toString("utf8").split("\n", 1)[0];
