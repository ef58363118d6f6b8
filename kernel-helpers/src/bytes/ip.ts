import { tryIPv4 } from "./ipv4";
import { tryIPv6 } from "./ipv6";

/** 4 or 6 for the text of an IPv4 or IPv6 address, 0 for anything else: names are not looked up. */
export function ipFamily(text: string): 4 | 6 | 0 {
  if (typeof text !== "string") return 0;
  if (tryIPv4(text) !== undefined) return 4;
  return tryIPv6(text) === undefined ? 0 : 6;
}
