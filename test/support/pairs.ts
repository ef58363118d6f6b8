import {
  AF_INET,
  calls,
  type Handle,
  LOOPBACK,
  MSG_DONTWAIT,
  MSG_OOB,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
} from "kernel-helpers";
import { KINDS, type Kind, type Place, placeOf } from "./kinds.js";

const INET = KINDS.AF_INET!;

/** A listening handle "server" on any free address, and where it is. */
export function listening(kind: Kind = INET, backlog = 16, name = "server"): { server: Handle; place: Place } {
  const server = socket(name, kind.family, SOCK_STREAM);
  server.bind(...kind.anyPlace());
  server.listen(backlog);
  return { server, place: placeOf(server) };
}

/** A new stream handle that is connected to a place. */
export async function connected(place: Place, kind: Kind = INET, name = "client"): Promise<Handle> {
  const client = socket(name, kind.family, SOCK_STREAM);
  await client.connect(place[0], place[1]);
  return client;
}

/** Two connected stream handles: "client", and "server→1", which was accepted. The listening one is closed. */
export async function streamPair(kind: Kind = INET): Promise<{ client: Handle; server: Handle }> {
  const { server: listener, place } = listening(kind);
  const client = await connected(place, kind);
  const server = await listener.accept();
  listener.close();
  return { client, server };
}

/** A bound datagram handle, and where it is. */
export function datagram(kind: Kind = INET, name = "receiver"): { receiver: Handle; place: Place } {
  const receiver = socket(name, kind.family, SOCK_DGRAM);
  receiver.bind(...kind.anyPlace());
  return { receiver, place: placeOf(receiver) };
}

/** A port of 127.0.0.1 that a moment ago was free, and where nobody listens. */
export function deadPort(type: number = SOCK_STREAM): number {
  const fd = calls.socket(AF_INET, type);
  calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port: 0 });
  const name = calls.getsockname(fd);
  calls.close(fd);
  if (name?.family !== "AF_INET") throw new Error("no port");
  return name.port;
}

/** Two connected non-blocking TCP descriptors, without handles; the caller closes them. */
export function rawPair(): [client: number, server: number] {
  const listener = calls.socket(AF_INET, SOCK_STREAM);
  calls.bind(listener, { family: "AF_INET", address: LOOPBACK, port: 0 });
  calls.listen(listener, 1);
  const client = calls.socket(AF_INET, SOCK_STREAM);
  calls.connect(client, calls.getsockname(listener)!);
  const { fd: server } = calls.accept(listener, SOCK_NONBLOCK);
  calls.close(listener);
  calls.fcntl(client, 4, SOCK_NONBLOCK);
  return [client, server];
}

/** Fills the buffers of a connection: the next send would have to wait. */
export async function fill(handle: Handle): Promise<void> {
  for (;;) {
    const error = await handle.send(Buffer.alloc(200_000), MSG_DONTWAIT).catch((reason: Error) => reason);
    if (error instanceof Error) return;
  }
}

/** A connection whose receiver knows that an urgent byte comes, and has no room for it yet. */
export async function urgentToCome(): Promise<{ client: Handle; server: Handle }> {
  const { client, server } = await streamPair();
  await fill(client);
  let refused = true;
  while (refused) {
    refused = await client.send("!", MSG_OOB | MSG_DONTWAIT).then(
      () => false,
      () => true,
    );
    // What is announced goes out with the next segment.
    await server.recv(100_000);
  }
  for (;;) {
    const { code } = await server.recv(1, MSG_OOB | MSG_DONTWAIT).then(
      () => ({ code: "came" }),
      (error: NodeJS.ErrnoException) => error,
    );
    if (code === "EAGAIN") return { client, server };
    if (code !== "EINVAL") throw new Error(`${code} instead of an urgent byte that is to come`);
    await server.recv(1000);
  }
}
