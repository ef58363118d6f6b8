import { nameOf } from "../facts";
import { clean } from "./clean";
import { noun } from "./noun";
import type { SocketAddress } from "./sockaddr";

/** A path as it is shown: it cannot disturb the line that it stands in. */
function plainPath(path: string): string {
  return clean(path.replaceAll("\0", "\\0"));
}

/** Files whose names look like the two forms that are no files. `./` before them names the same file. */
const MISTAKABLE = /^(?:@|\(unnamed\)$)/;

function unix(path: string): string {
  if (path === "") return "unix:(unnamed)";
  if (path.startsWith("\0")) return `unix:@${plainPath(path.slice(1))}`;
  return `unix:${MISTAKABLE.test(path) ? "./" : ""}${plainPath(path)}`;
}

/**
 * An address as one word for people: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, `unix:/path`, `unix:@abstract`,
 * `unix:(unnamed)`, `AF_UNSPEC`; a file called "@x" is `unix:./@x`; another family by its name or number and how many bytes there are.
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
      return `${nameOf("family", Number(address.family))}(${address.data.byteLength} ${noun(address.data.byteLength, "byte")})`;
  }
}
