import { formatSockaddr, type SocketAddress } from "../bytes";
import { bind, setsockopt } from "../calls";
import { SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_REUSEADDR } from "../facts";
import { ephemeralPorts } from "../inspection";
import { during, endStep, say } from "../trace";
import type { Core } from "./core";
import { fileOf } from "./socket-file";

/**
 * bind(2) on a handle.
 *
 * SO_REUSEADDR is set on stream sockets from their first bind: it must be on the old and on the new socket for a restart to work while a
 * connection is in TIME_WAIT (0/0, 0/1 and 1/0 fail, 1/1 works). Never on datagram sockets, where the newest would silently take the traffic.
 */
export function bindHandle(core: Core, address: SocketAddress): void {
  const place = core.again.place("bind");
  const text = formatSockaddr(address);
  const repeated = place?.earlier<string>()?.value === text;
  const step = core.begin("bind");
  try {
    during(step, () => {
      if (!core.isDatagram && core.isInternet && !core.reuseIsSet) {
        setsockopt(core.fd, constants.SOL_SOCKET, SO_REUSEADDR, 1);
        core.reuseIsSet = true;
      }
      bind(core.fd, address);
    });
  } catch (error) {
    if (repeated && error instanceof SocketError && error.code === "EINVAL") {
      endStep(step, { error: error.code, errno: error.errno });
      say(SENTENCES.bindAgain(core.name, String(core.local)));
      return;
    }
    core.fail(step, error);
    throw error;
  }
  place?.remember({ value: text });
  core.file = fileOf(address);
  if ("port" in address && address.port === 0) during(step, () => core.learnLocal());
  else core.local = text;
  core.succeed(step);
  warnOfEphemeralPort(address);
}

function warnOfEphemeralPort(address: SocketAddress): void {
  if (!("port" in address)) return;
  const { first, last } = ephemeralPorts();
  if (address.port < first || address.port > last) return;
  say(SENTENCES.ephemeralPort(`${first}`, `${last}`, `${address.port}`));
}
