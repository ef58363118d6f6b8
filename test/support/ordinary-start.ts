import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { Command } from "./command.js";

const ROOT_RUNS_THIS = process.getuid?.() === 0;
/** "nobody", on every Linux. */
const NOBODY = 65_534;
const BECOME = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--inh-caps=-all"];
const DROP = [...BECOME, "--bounding-set=-all", "--no-new-privs"];

/** Node's folder may be one that only root can enter: it is shown at a place that everybody reaches, to this one process. */
const WITHIN_REACH = `
from=$1 to=$2
shift 2
mount --bind "$from" "$to"
exec "$@"`;

/** What leads from this machine to the package servers: a proxy, a certificate, a server of one's own. */
const WAY_OUT =
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|PIP_CERT|PIP_INDEX_URL|(https?|no|all)_proxy|npm_config_registry)$/i;
const wayOut = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => WAY_OUT.test(name)));

/** Where a program is. */
const pathOf = (program: string): string =>
  execFileSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" }).trim();

/** A folder with all that is in it, given to the ordinary user. */
function giveAway(folder: string): void {
  chownSync(folder, NOBODY, NOBODY);
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    lchownSync(join(folder, path), NOBODY, NOBODY);
  }
}

/**
 * Runs a command as an ordinary user has it in a terminal: in the folder, which is theirs, with an empty home, and with nothing in PATH but sh,
 * Node, npm and one Python (so without git). Root becomes another user for it; who is not root has no more than that anyway.
 *
 * @param folder a new one of the test, with the project's copy
 * @param outside a new and empty one, for the home and for PATH
 * @param python absolute path of the one in PATH, within everybody's reach; none when undefined
 * @param owns false: the folder is somebody else's
 */
export function asOrdinaryUser(
  folder: string,
  outside: string,
  own: string[],
  { python, owns = true }: { python?: string; owns?: boolean } = {},
): Command {
  const [home, path, node] = ["home", "path", "node"].map((name) => join(outside, name)) as [string, string, string];
  for (const made of [home, path, node]) mkdirSync(made);
  // <prefix>/bin/node, and npm in <prefix>/lib/node_modules.
  const prefix = dirname(dirname(process.execPath));
  const seen = ROOT_RUNS_THIS ? node : prefix;
  symlinkSync(join(seen, "bin", "node"), join(path, "node"));
  symlinkSync(join(seen, "bin", "npm"), join(path, "npm"));
  symlinkSync(pathOf("sh"), join(path, "sh"));
  if (python) symlinkSync(python, join(path, "python3"));
  const env = { ...wayOut(), HOME: home, PATH: path, LANG: "C.UTF-8" };
  const [program = "", ...args] = own;
  if (!owns) {
    chmodSync(folder, ROOT_RUNS_THIS ? 0o755 : 0o555);
    // So that the test can remove it.
    onTestFinished(() => chmodSync(folder, 0o755));
  }
  if (!ROOT_RUNS_THIS) return new Command(program, args, folder, env);
  if (owns) giveAway(folder);
  giveAway(outside);
  const enter = ["--mount", pathOf("sh"), "-euc", WITHIN_REACH, "sh", prefix, node];
  const set = ["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  return new Command("unshare", [...enter, ...DROP, ...set, ...own], folder, process.env);
}
