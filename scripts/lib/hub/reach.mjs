import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { Problem } from "../problem.mjs";
import { textOf } from "../project.mjs";
import { run } from "../run.mjs";

/** What listens at every address of the machine. */
const EVERY = ["0.0.0.0", "::"];

/** @param {string} ip */
const inUrl = (ip) => (ip.includes(":") ? `[${ip}]` : ip);

/** The addresses that other machines know, or 127.0.0.1 where there is none. @param {ReturnType<typeof networkInterfaces>} interfaces */
function outside(interfaces) {
  const all = Object.values(interfaces).flatMap((those) => those ?? []);
  const found = all.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address);
  return found.length > 0 ? found : ["127.0.0.1"];
}

/**
 * What learners type into their browsers.
 * @param {{ certificate: string, ip: string, port: number }} options
 * @returns {string[]}
 */
export function urls({ certificate, ip, port }, interfaces = networkInterfaces()) {
  const scheme = certificate ? "https" : "http";
  const usual = certificate ? 443 : 80;
  const rest = port === usual ? "" : `:${port}`;
  return (EVERY.includes(ip) ? outside(interfaces) : [ip]).map((one) => `${scheme}://${inUrl(one)}${rest}`);
}

/**
 * Where a notebook opens with its live panel beside it (scripts/lib/workspace.py makes that window in each learner's home), for whoever opens it.
 * @param {string} url that of the server
 * @param {string} name of the notebook
 */
export const windowOf = (url, name) => `${url}/hub/user-redirect/lab/workspaces/${name}`;

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} the errno when nobody can listen there */
function refusal(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ { code }) => resolve(code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** The programs that listen at a port, as `ss` names them. @param {number} port */
async function owners(port) {
  const { output } = await run("ss", ["-Hltnp", `sport = :${port}`]);
  const found = [...output.matchAll(/\("([^"]*)",pid=(\d+)/g)].map(([, name, pid]) => `${name}, process ${pid}`);
  return found.length > 0 ? ` (${[...new Set(found)].join("; ")})` : "";
}

/** JupyterHub ends a proxy that one which was killed has left behind, so that its ports are no hindrance. @param {string} state */
function proxyIsLeft(state) {
  const pid = textOf(`${state}/proxy.pid`)?.trim();
  return pid !== undefined && (textOf(`/proc/${pid}/cmdline`) ?? "").includes("configurable-http-proxy");
}

/**
 * Throws a Problem unless the server can have its ports: what holds one may be another JupyterHub, whose class goes on.
 * @param {string} state the folder of the state
 * @param {import("./options.mjs").HubOptions} options
 */
export async function insistOnPorts(state, { ip, port, hub_port, proxy_port }) {
  const left = proxyIsLeft(state);
  /** @type {Array<[option: string, host: string, port: number]>} */
  const wanted = [["hub-port", "127.0.0.1", hub_port]];
  if (!left) wanted.unshift(["port", ip, port]);
  if (!left) wanted.push(["proxy-port", "127.0.0.1", proxy_port]);
  for (const [option, host, number] of wanted) {
    const code = await refusal(host, number);
    if (code === undefined) continue;
    if (code === "EADDRNOTAVAIL") {
      throw new Problem(
        `--ip=${host} is no address of this machine: it has ${outside(networkInterfaces()).join(", ")}; 0.0.0.0 means all.`,
      );
    }
    if (code === "EADDRINUSE" && left) {
      const folder = resolve(state, "..", "..");
      throw new Problem(`\`npm run hub\` runs already in ${folder}: end that one first, with Ctrl-C in its terminal.`);
    }
    if (code !== "EADDRINUSE") throw new Problem(`Nobody can listen at port ${number} of ${host}: ${code}.`);
    throw new Problem(
      `Port ${number} of ${host} is in use${await owners(number)}: end that, or name another port with --${option}=NUMBER.`,
    );
  }
}
