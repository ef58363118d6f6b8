import { formatSockaddr } from "../bytes";
import { getsockname, getsockopt } from "../calls";
import type { SocketError } from "../errors";
import { constants, SO_ACCEPTCONN } from "../facts";
import type { Core } from "./core";
import { openHandles } from "./registry";

/** Says more about an error than its errno does, where the open handles tell more. */
export function explain(error: SocketError, core: Core): void {
  if (error.code === "EADDRINUSE") error.advice = whoHasIt(error, core);
  if (error.code === "EMFILE") error.advice += ` ${openHandles().length} handles are open.`;
}

function whoHasIt(error: SocketError, core: Core): string {
  if (!core.isInternet) return "The path exists already. Delete the file, or choose another path.";
  const port = error.port ?? portOf(core);
  const rivals = openHandles().filter(
    (entry) =>
      entry.core !== core &&
      entry.core.isDatagram === core.isDatagram &&
      entry.core.isInternet &&
      portOf(entry.core) === port,
  );
  const rival = rivals.find(({ core: { listener } }) => listener === undefined) ?? rivals[0];
  if (rival === undefined)
    return `Port ${port} is taken by another process, or by a closed connection in TIME_WAIT. Choose another port.`;
  return `The port is taken by your own handle "${rival.core.name}" (${stateOf(rival.core)}).`;
}

function portOf(core: Core): number | undefined {
  try {
    const address = core.quietly(() => getsockname(core.fd));
    if (address === undefined || !("port" in address)) return undefined;
    core.local = formatSockaddr(address);
    return address.port;
  } catch {
    // Its descriptor was closed behind our back: it has no port.
    return undefined;
  }
}

function stateOf(core: Core): string {
  const listening = core.quietly(() => getsockopt(core.fd, constants.SOL_SOCKET, SO_ACCEPTCONN));
  return listening[0] === 1 ? "listening" : `at ${core.local}`;
}
