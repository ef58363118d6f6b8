import { SystemFiles } from "./system-files";

/**
 * The network that a process is in, as the system names it: `net:[4026531840]`. Two processes with the same name see the same addresses,
 * ports and sockets. Undefined when the process has ended or may not be looked at, and where the system has no /proc.
 *
 * @param pid the process; this one, unless told
 * @see man 7 network_namespaces, man 7 namespaces
 */
export function networkOf(pid: number | "self" = "self"): string | undefined {
  return new SystemFiles().link(`/proc/${pid}/ns/net`);
}
