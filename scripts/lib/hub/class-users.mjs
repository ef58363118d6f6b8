import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run.mjs";

/** Names that no person has: with the number of the process that uses them. */
const PREFIX = "swclass";

/** @param {number} count @param {number} [pid] */
export const classNames = (count, pid = process.pid) =>
  Array.from({ length: count }, (_, index) => `${PREFIX}-${pid}-${index + 1}`);

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}

/** The accounts of this process, and those that one left which was killed. */
function ours() {
  const names = readFileSync("/etc/passwd", "utf8").matchAll(new RegExp(`^(${PREFIX}-(\\d+)-(?:\\d+|admin)):`, "gm"));
  return [...names].flatMap(([, name = "", pid]) =>
    Number(pid) === process.pid || !isAlive(Number(pid)) ? [name] : [],
  );
}

const FOLDER = "socket-workshop-class-";

/** Makes a folder for the state of this process's server, and removes what one left which was killed. */
export function makeClassState() {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^(\d+)-/.exec(name.startsWith(FOLDER) ? name.slice(FOLDER.length) : "") ?? [];
    const path = join(tmpdir(), name);
    // Everybody can make a folder there, also with such a name.
    if (pid && !isAlive(Number(pid)) && lstatSync(path).uid === process.getuid?.()) {
      rmSync(path, { recursive: true, force: true });
    }
  }
  return mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
}

/** Removes these accounts with their home folders. Only names as above are ever touched. */
export async function removeClassUsers() {
  for (const name of ours()) {
    // What a server that had to be killed has left: its kernels, and the folders of their sockets.
    await run("pkill", ["-KILL", "-u", name]);
    const folders = ["/tmp", "-maxdepth", "1", "-name", "socket-workshop-*", "-user", name];
    await run("find", [...folders, "-exec", "rm", "-r", "{}", "+"]);
    await run("userdel", ["--remove", "--force", name]);
  }
  return ours();
}
