import { readFileSync } from "node:fs";
import { facts } from "../facts";

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
  try {
    const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "latin1")
      .trim()
      .split(/\s+/)
      .map(Number);
    return { first: first ?? LINUX.first, last: last ?? LINUX.last };
  } catch {
    return LINUX;
  }
}
