import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { lacking, missing, there } from "./finding.mjs";

const PATIENCE_MS = 3000;
// Above these the system takes ports for connections; a fixed server port must lie below.
const FIRST_PORT = 20_000;
const LAST_PORT = 20_099;

/** @param {unknown} error */
const reason = (error) => /** @type {NodeJS.ErrnoException} */ (error).code ?? String(error);

/**
 * Sends one byte over a TCP connection to ourselves.
 * @param {string} host
 */
async function tcpRoundTrip(host) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const server = createServer((peer) => peer.on("error", () => {}).pipe(peer));
  try {
    server.listen(0, host);
    await once(server, "listening", { signal });
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const client = connect(port, host);
    try {
      await once(client, "connect", { signal });
      client.write("x");
      await once(client, "data", { signal });
    } finally {
      client.destroy();
    }
  } finally {
    server.close();
  }
}

async function tcp() {
  try {
    await tcpRoundTrip("127.0.0.1");
    return there("TCP over 127.0.0.1");
  } catch (error) {
    return missing(`TCP over 127.0.0.1 fails with ${reason(error)}: let the firewall pass the loopback interface`);
  }
}

async function ipv6() {
  try {
    await tcpRoundTrip("::1");
    return there("TCP over ::1 (IPv6)");
  } catch (error) {
    const remedy = "only the IPv6 cells need it; `sysctl net.ipv6.conf.lo.disable_ipv6=0` turns it on";
    return lacking(`TCP over ::1 (IPv6) fails with ${reason(error)}: ${remedy}`);
  }
}

async function udp() {
  const socket = createSocket("udp4");
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening", { signal });
    const arrived = once(socket, "message", { signal });
    socket.send("x", socket.address().port, "127.0.0.1");
    await arrived;
    return there("UDP over 127.0.0.1");
  } catch (error) {
    return missing(`UDP over 127.0.0.1 fails with ${reason(error)}: let the firewall pass the loopback interface`);
  } finally {
    socket.close();
  }
}

async function freePort() {
  for (let port = FIRST_PORT; port <= LAST_PORT; port += 1) {
    const server = createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      return there(`Free ports below 32768, such as ${port}`);
    } catch {
      // taken, or not allowed: the next one
    } finally {
      server.close();
    }
  }
  const remedy = "end the programs that hold them, `ss -ltnp` lists them";
  return missing(`No port from ${FIRST_PORT} to ${LAST_PORT} is free: ${remedy}`);
}

/** What the loopback network can do, each as one finding. */
export const checkNetwork = async () => [await tcp(), await udp(), await ipv6(), await freePort()];
