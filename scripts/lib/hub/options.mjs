import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readOptions } from "../options.mjs";
import { Problem } from "../problem.mjs";

/**
 * @typedef {object} HubOptions
 * @property {"system" | "shared"} login
 * @property {string} ip
 * @property {number} port
 * @property {number} hub_port
 * @property {number} proxy_port
 * @property {string} certificate
 * @property {string} key
 * @property {string} admin
 * @property {string} memory
 * @property {number} cpus
 * @property {number} idle_minutes
 */

const OPTIONS = /** @type {const} */ ({
  login: { type: "string", default: "system" },
  ip: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "8000" },
  "hub-port": { type: "string", default: "8081" },
  "proxy-port": { type: "string", default: "8001" },
  "ssl-cert": { type: "string" },
  "ssl-key": { type: "string" },
  admin: { type: "string" },
  memory: { type: "string", default: "2500M" },
  cpus: { type: "string", default: "2" },
  "idle-minutes": { type: "string", default: "180" },
});

// The shortest break of a day is no reason to end somebody's kernels; a lunch break is an hour.
const SHORTEST_IDLE_MINUTES = 90;
const HIGHEST_PORT = 65_535;

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 * @param {number} most
 */
function number(name, text, least, most) {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new Problem(`--${name}=${text} is no number from ${least} to ${most}.`);
}

/** @param {string} name @param {string} text */
const port = (name, text) => Math.floor(number(name, text, 1, HIGHEST_PORT));

/** @param {string} name @param {string | undefined} path */
function file(name, path) {
  if (path === undefined) return "";
  if (!existsSync(path)) throw new Problem(`--${name}=${path}: there is no such file.`);
  return resolve(path);
}

/** @param {string[]} args */
const parsed = (args) =>
  readOptions(() => parseArgs({ args, options: OPTIONS }).values, "hub/README.md lists what npm run hub knows.");

/**
 * Reads what the instructor has asked for; whatever cannot be meant is a Problem.
 * @param {string[]} args
 * @returns {HubOptions}
 */
export function hubOptions(args) {
  const values = parsed(args);
  const { login, ip, memory, admin } = values;
  if (login !== "system" && login !== "shared") throw new Problem(`--login=${login}: it is "system" or "shared".`);
  if (isIP(ip) === 0) throw new Problem(`--ip=${ip} is no address: 0.0.0.0 means every address of this machine.`);
  if (!/^[1-9]\d*[MG]$/.test(memory)) throw new Problem(`--memory=${memory} is no size: write 2500M or 2G.`);
  const [certificate, key] = [file("ssl-cert", values["ssl-cert"]), file("ssl-key", values["ssl-key"])];
  if ((certificate === "") !== (key === "")) throw new Problem("--ssl-cert and --ssl-key belong together.");
  return {
    login,
    ip,
    port: port("port", values.port),
    hub_port: port("hub-port", values["hub-port"]),
    proxy_port: port("proxy-port", values["proxy-port"]),
    certificate,
    key,
    admin: admin ?? (login === "shared" ? "instructor" : ""),
    memory,
    cpus: number("cpus", values.cpus, 0.1, 1024),
    idle_minutes: Math.floor(number("idle-minutes", values["idle-minutes"], SHORTEST_IDLE_MINUTES, 100_000)),
  };
}
