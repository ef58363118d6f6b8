import { shown } from "../bytes/arguments";
import { declare, type Pointer } from "../libc";

const libc = declare<{
  if_nametoindex(name: Pointer): number;
  if_indextoname(index: number, name: Pointer): number;
}>({
  if_nametoindex: "unsigned int if_nametoindex(const void *name)",
  if_indextoname: "intptr_t if_indextoname(unsigned int index, void *name)",
});

/** Room for an interface's name with its ending zero: net/if.h. */
const IF_NAMESIZE = 16;

/** if_nametoindex(3): the number of a network interface, or 0 when none has this name. It is no socket call, so it leaves no record. */
function indexOf(name: string): number {
  const bytes = Buffer.from(`${name}\0`, "utf8");
  return name.includes("\0") || bytes.byteLength > IF_NAMESIZE ? 0 : libc.if_nametoindex(bytes);
}

/** if_indextoname(3): the name of a network interface; undefined when none has this number. */
export function interfaceName(index: number): string | undefined {
  const name = Buffer.alloc(IF_NAMESIZE);
  return libc.if_indextoname(index, name) === 0 ? undefined : name.toString("utf8", 0, name.indexOf(0));
}

/**
 * An IPv6 address whose interface is given by its name, `fe80::1%eth0`, with the number in the name's place, `fe80::1%2`, which is what
 * the address of a socket holds. Others stay as they are.
 *
 * @throws TypeError when no interface has this name
 *
 * @internal
 */
export function withZoneNumber(address: string): string {
  const at = address.indexOf("%");
  const name = address.slice(at + 1);
  if (at < 0 || /^\d*$/.test(name)) return address;
  const index = indexOf(name);
  if (index > 0) return `${address.slice(0, at)}%${index}`;
  throw new TypeError(
    `${shown(address)}: this machine has no network interface ${shown(name)}. After "%" comes its name or its number; require("node:os").networkInterfaces() lists the names, with the number as scopeid.`,
  );
}
