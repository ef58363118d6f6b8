import { nameOf } from "../facts";
import type { SocketAddress } from "./sockaddr";

/** Control characters of a path, written so that they cannot disturb the line they are shown in. */
function plainPath(path: string): string {
  return path.replace(/[\x00-\x1f\x7f]/g, (c) =>
    c === "\0" ? "\\0" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function unix(path: string): string {
  if (path === "") return "unix:(unnamed)";
  return path.startsWith("\0") ? `unix:@${plainPath(path.slice(1))}` : `unix:${plainPath(path)}`;
}

/**
 * An address as one word for people: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, `unix:/path`, `unix:@abstract`,
 * `unix:(unnamed)`, `AF_UNSPEC`; another family by its name or number and how many bytes there are.
 */
export function formatSockaddr(address: SocketAddress): string {
  switch (address.family) {
    case "AF_INET":
      return `${address.address}:${address.port}`;
    case "AF_INET6":
      return `[${address.address}${address.scopeId === 0 ? "" : `%${address.scopeId}`}]:${address.port}`;
    case "AF_UNIX":
      return unix(address.path);
    case "AF_UNSPEC":
      return "AF_UNSPEC";
    default:
      return `${nameOf("family", Number(address.family))}(${address.data.byteLength} bytes)`;
  }
}
