import { Problem } from "./problem.mjs";

const OLDEST = [20, 19];

/**
 * What is wrong with this Node, as one sentence, or undefined.
 * @param {string} version such as "v20.19.0"
 * @param {NodeJS.Platform} platform
 */
export function nodeProblem(version = process.version, platform = process.platform) {
  if (platform === "win32") {
    return "Windows itself has other socket calls: run this in WSL2 (`wsl --install`, then Ubuntu) or on Binder.";
  }
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return undefined;
  return `Node ${version.slice(1)} is too old, ${OLDEST.join(".")} or newer is needed: get the current LTS from https://nodejs.org or with \`nvm install --lts\`.`;
}

/** Throws a Problem unless this Node and this platform can run the workshop. */
export function requireNode() {
  const problem = nodeProblem();
  if (problem) throw new Problem(problem);
}
