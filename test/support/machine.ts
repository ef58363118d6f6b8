import type { NetworkInterfaceInfo } from "node:os";
import { run } from "./child.js";
import type { Environment } from "./environments.js";

/** What a notebook finds where it runs, as far as its outputs depend on it. */
export interface Machine {
  /** The user's number. */
  uid: number;
  /** The effective capabilities, as bits (capabilities(7)). */
  capabilities: bigint;
  /** What lies in the home; undefined when nobody can look. */
  home?: string[];
  /** The first port that needs no privilege. */
  firstFreePort: number;
  addresses: NetworkInterfaceInfo[];
  /** How socket(AF_INET6, …) ends: an errno's name, or "". */
  ipv6: string;
}

/** Asks by Node's own means, and not by those that the tests are to judge. */
const QUESTIONS = `
const { readFileSync, readdirSync } = require("node:fs");
const { homedir, networkInterfaces } = require("node:os");
const attempt = (look) => { try { return look(); } catch {} };
const read = (path) => readFileSync(path, "latin1");
readdirSync(".");
const told = {
  uid: process.getuid(),
  capabilities: "0x" + /^CapEff:\\s+(\\w+)/m.exec(read("/proc/self/status"))[1],
  home: attempt(() => readdirSync(homedir())),
  firstFreePort: Number(read("/proc/sys/net/ipv4/ip_unprivileged_port_start")),
  addresses: Object.values(networkInterfaces()).flat(),
};
const server = require("node:net").createServer();
const tell = (ipv6) => console.log(JSON.stringify({ ...told, ipv6 }));
server.on("error", ({ code }) => tell(code)).listen({ host: "::", port: 0 }, () => server.close(() => tell("")));`;

/** @throws Error with the system's own words when the environment cannot be made here */
export async function machineIn({ name, kernel }: Environment): Promise<Machine> {
  const [program, ...args] = kernel.command([process.execPath, "-e", QUESTIONS]) as [string, ...string[]];
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`"${name}" cannot be made here. ${reason(stderr)}\n${stderr}`);
  const told = JSON.parse(stdout);
  return { ...told, capabilities: BigInt(told.capabilities) };
}

function reason(words: string): string {
  if (/EACCES/.test(words)) return "Its user may not read the project's files: chmod -R a+rX lets everybody read them.";
  if (/not permitted|denied|read-only/i.test(words))
    return "This machine, or its sandbox, forbids namespaces (unshare) or what is done in them.";
  return "";
}

/** Every address that begins with 127 is this machine. */
export const hasAll127 = ({ addresses }: Machine): boolean => addresses.some(({ cidr }) => cidr === "127.0.0.1/8");

/** IPv6 can be missing in two ways: no interface has an address of it, or the system does not know the family. */
export const knowsIPv6 = ({ ipv6 }: Machine): boolean => ipv6 !== "EAFNOSUPPORT";
export const hasLoopback6 = ({ addresses }: Machine): boolean => addresses.some(({ address }) => address === "::1");

/** How a cell that makes an IPv6 socket, and binds it to ::1, explains that it cannot. */
export const noIPv6 = (machine: Machine): RegExp =>
  knowsIPv6(machine)
    ? /bind\(\d+, \[::1\]:\d+\) = -1 EADDRNOTAVAIL .* IPv6 is switched off here, .* Try AF_INET and 127\.0\.0\.1\. man 2 bind\n/
    : /socket\(AF_INET6, SOCK_STREAM\) = -1 EAFNOSUPPORT .* This system does not know IPv6\. Use AF_INET, .* man 2 socket\n/;
