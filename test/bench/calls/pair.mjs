import { calls, LOOPBACK, SOCK_STREAM, socket } from "kernel-helpers";

const AF_INET = 2;

/** Two connected TCP descriptors, which block: on a busy machine what was sent can come a little later. @returns {[client: number, server: number]} */
export function numbers() {
  const listener = calls.socket(AF_INET, SOCK_STREAM);
  calls.bind(listener, { family: "AF_INET", address: LOOPBACK, port: 0 });
  calls.listen(listener, 1);
  const client = calls.socket(AF_INET, SOCK_STREAM);
  const there = calls.getsockname(listener);
  if (there === undefined) throw new Error("The listening socket has no address.");
  calls.connect(client, there);
  const { fd: server } = calls.accept(listener);
  return [client, server];
}

/** Two connected TCP handles. */
export async function handles() {
  const listener = socket("server", AF_INET, SOCK_STREAM);
  listener.bind(LOOPBACK, 0);
  listener.listen(1);
  const client = socket("client", AF_INET, SOCK_STREAM);
  const { port } = listener.getsockname();
  if (port === undefined) throw new Error("The listening socket has no port.");
  await client.connect(LOOPBACK, port);
  return { client, server: await listener.accept() };
}
