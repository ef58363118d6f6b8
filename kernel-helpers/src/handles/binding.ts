import { formatSockaddr, type SocketAddress } from "../bytes";
import { bind, setsockopt, sockaddr } from "../calls";
import { SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_REUSEADDR } from "../facts";
import { ephemeralPorts } from "../inspection";
import { during, endStep, say } from "../trace";
import type { NamedSocket } from "./named-socket";
import { fileOf } from "./socket-file";

/**
 * bind(2) on a handle.
 *
 * SO_REUSEADDR is set on stream sockets from their first bind: it must be on the old and on the new socket for a restart to work while a
 * connection is in TIME_WAIT (0/0, 0/1 and 1/0 fail, 1/1 works). Never on datagram sockets, where the newest would silently take the traffic.
 */
export function bindHandle(sock: NamedSocket, address: SocketAddress): void {
  // What is no address is told before the first call is made.
  const bytes = sockaddr(address);
  const place = sock.earlierCalls.place("bind");
  const text = formatSockaddr(address);
  const repeated = place?.earlier<string>()?.value === text;
  const step = sock.begin("bind");
  try {
    during(step, () => {
      if (!sock.isDatagram && sock.isInternet && !sock.reuseIsSet) {
        setsockopt(sock.fd, constants.SOL_SOCKET, SO_REUSEADDR, 1);
        sock.reuseIsSet = true;
      }
      bind(sock.fd, bytes);
    });
  } catch (error) {
    if (repeated && error instanceof SocketError && error.code === "EINVAL") {
      endStep(step, { error: error.code, errno: error.errno });
      say(SENTENCES.bindAgain(sock.name, String(sock.local)));
      return;
    }
    sock.fail(step, error);
    throw error;
  }
  place?.remember({ value: text });
  sock.file = fileOf(address);
  if ("port" in address && address.port === 0) during(step, () => sock.learnLocal());
  else sock.local = text;
  sock.succeed(step);
  warnOfEphemeralPort(address);
}

function warnOfEphemeralPort(address: SocketAddress): void {
  if (!("port" in address)) return;
  const { first, last } = ephemeralPorts();
  if (address.port < first || address.port > last) return;
  say(SENTENCES.ephemeralPort(`${first}`, `${last}`, `${address.port}`));
}
