import { spawnSync } from "node:child_process";

/** An account without any right, "nobody": what it can do, every learner can. */
const NOBODY = 65_534;

/**
 * Whether a program runs, and ends well, for an ordinary user.
 * @param {string} program
 * @param {string[]} args
 */
export function runsForLearners(program, args) {
  const { status } = spawnSync(program, args, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: "ignore",
  });
  return status === 0;
}
