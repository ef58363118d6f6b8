import { facts } from "../facts";
import { SystemFiles } from "./system-files";

/** The range of IANA, which macOS uses. */
const IANA = { first: 49_152, last: 65_535 };
/** What Linux starts with. */
const LINUX = { first: 32_768, last: 60_999 };

/**
 * The ports that the system gives to sockets that did not choose one.
 *
 * @see man 7 ip, ip_local_port_range
 */
export function ephemeralPorts(): { first: number; last: number } {
  if (facts.os !== "linux") return IANA;
  const text = new SystemFiles().text("/proc/sys/net/ipv4/ip_local_port_range") ?? "";
  const [first, last] = text.trim().split(/\s+/).map(Number);
  return { first: first || LINUX.first, last: last || LINUX.last };
}
