/** An IPv4 address inside an IPv6 one is the IPv4 address: a socket on `[::]` tells its IPv4 clients so. */
export function plainAddress(address: string): string {
  return address.startsWith("[::") ? address.replace(/^\[::ffff:(\d+\.\d+\.\d+\.\d+)\]/i, "$1") : address;
}

/** The same address, however it is written. */
export function sameAddress(a: string, b: string): boolean {
  return a === b || plainAddress(a) === plainAddress(b);
}

function split(address: string): [host: string, port: string] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon), address.slice(colon + 1)];
}

/** The host of an Internet address; nothing for another one. */
export function hostOf(address: string): string | undefined {
  return isUnix(address) || !address.includes(":") ? undefined : split(plainAddress(address))[0];
}

export function isUnix(address: string): boolean {
  return address.startsWith("unix:");
}

/** A file's path, at which any process finds the socket, whatever its network; `unix:@…` is a name in one network. */
export function isPath(address: string): boolean {
  return isUnix(address) && !address.startsWith("unix:@") && address !== UNNAMED;
}

/** A Unix-domain socket that was not bound. */
export const UNNAMED = "unix:(unnamed)";

/** A name that another socket cannot have as well: it has a port, or is a name at all. */
export function isName(address: string | undefined): address is string {
  return address !== undefined && address !== UNNAMED && !address.endsWith(":0");
}

const EVERY = new Set(["0.0.0.0", "[::]"]);

/** The socket takes what comes to any address of the machine. */
export function isEvery(host: string): boolean {
  return EVERY.has(host);
}

/**
 * Where something goes that is sent to `0.0.0.0` or `[::]`: to the machine itself (on Linux and macOS; POSIX does not say it). Linux takes the
 * sender's own IPv4 address for it, if it has one.
 *
 * @param own the sender's own address
 */
export function destination(target: string, own?: string): string {
  if (target.startsWith("0.0.0.0:")) {
    const host = own === undefined ? undefined : hostOf(own);
    const known = host === undefined || isEvery(host) || host.startsWith("[") ? "127.0.0.1" : host;
    return target.replace("0.0.0.0:", `${known}:`);
  }
  return target.startsWith("[::]:") ? target.replace("[::]:", "[::1]:") : target;
}

/** What connect(2) is given to take back what it has done before. */
export const UNSPEC = "AF_UNSPEC";

/** Broadcast or multicast: what is sent there can arrive at several sockets, or at none. The mask of a network is not known here. */
export function isToMany(target: string): boolean {
  const host = hostOf(target);
  if (host === undefined) return false;
  const first = /^(\d+)\./.exec(host)?.[1];
  if (first !== undefined) return (Number(first) >= 224 && Number(first) < 240) || host.endsWith(".255");
  return /^\[ff/i.test(host);
}

/**
 * How exactly a socket has an address: not at all, as an IPv6 socket that takes IPv4 too, as one that takes every address, as its own. The
 * system gives what comes to the one that has it most exactly.
 */
export const FIT = { no: 0, both: 1, every: 2, exact: 3 } as const;
export type Fit = (typeof FIT)[keyof typeof FIT];

/**
 * How what is sent to `target` fits a socket whose own address is `local`, if the target is an address of the machine.
 *
 * @param onlyIPv6 the socket has IPV6_V6ONLY
 */
export function fit(target: string, local: string, onlyIPv6 = false): Fit {
  const to = plainAddress(destination(target));
  const own = plainAddress(local);
  if (isUnix(to) || isUnix(own)) return to === own && to !== UNNAMED ? FIT.exact : FIT.no;
  const [host, port] = split(to);
  const [ownHost, ownPort] = split(own);
  if (port !== ownPort || port === "0") return FIT.no;
  if (host === ownHost) return FIT.exact;
  const target6 = host.startsWith("[");
  if (ownHost === "0.0.0.0") return target6 ? FIT.no : FIT.every;
  if (ownHost === "[::]") return target6 ? FIT.every : onlyIPv6 ? FIT.no : FIT.both;
  return FIT.no;
}

/** This machine, without a doubt. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "[::1]";
}
