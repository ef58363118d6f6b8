/** An IPv4 address inside an IPv6 one is the IPv4 address: a socket on `[::]` tells its IPv4 clients so. */
export function plainAddress(address: string): string {
  return address.replace(/^\[::ffff:(\d+\.\d+\.\d+\.\d+)\]/i, "$1");
}

function split(address: string): [host: string, port: string] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon), address.slice(colon + 1)];
}

/** A file's path, at which any process finds the socket, whatever its network; `unix:@…` is a name in one network. */
export function isPath(address: string): boolean {
  return address.startsWith("unix:") && !address.startsWith("unix:@");
}

const EVERY = new Set(["0.0.0.0", "[::]"]);

/** What is sent to `target` arrives at a socket whose own address is `local`. */
export function reaches(target: string, local: string): boolean {
  const a = plainAddress(target);
  const b = plainAddress(local);
  if (a === b) return true;
  if (a.startsWith("unix:") || b.startsWith("unix:")) return false;
  const [targetHost, targetPort] = split(a);
  const [localHost, localPort] = split(b);
  return targetPort === localPort && (EVERY.has(targetHost) || EVERY.has(localHost));
}
