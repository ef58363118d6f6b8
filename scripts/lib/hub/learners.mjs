import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../project.mjs";

/**
 * Lets learners work at the same time (hub/simulate.py).
 * @param {{ url: string, names: string[], password: string, notebooks: string[], more?: string[] }} what `more`: its options
 * @param {(fact: import("./class-report.mjs").Fact) => void} tell is called as soon as something is done
 * @param {string} [project] the folder of the project whose server it is
 * @returns {{ child: import("node:child_process").ChildProcess, done: Promise<number | null> }}
 */
export function letLearn({ url, names, password, notebooks, more = [] }, tell, project = root) {
  const hub = join(project, "hub");
  const args = ["-I", join(hub, "simulate.py"), url, names.join(","), notebooks.join(","), ...more];
  const child = spawn(join(hub, ".venv", "bin", "python"), args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`${password}\n`);
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) tell(JSON.parse(one));
  });
  const done = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { child, done };
}
