import { AF_INET, calls, type Handle, SO_ERROR, SO_LINGER, SOCK_STREAM, SOL_SOCKET, socket } from "kernel-helpers";

/*
 * One socket, as a handle and as a number: a case that is written once is made through both. What the system answers must be the same; what
 * a handle adds (it waits, it gives its name to a new socket) a case says itself.
 */

/** The methods have the names of the calls, and come to what the call returned. */
export interface Socket {
  readonly fd: number;
  bind(address: string, port: number): Promise<unknown>;
  listen(backlog: number): Promise<unknown>;
  accept(): Promise<Socket>;
  connect(address: string, port: number): Promise<unknown>;
  send(data: string | Buffer, flags?: number): Promise<number>;
  sendto(data: string | Buffer, address: string, port: number): Promise<number>;
  /** What has come, as text. */
  recv(length: number, flags?: number): Promise<string>;
  shutdown(how: number): Promise<unknown>;
  close(): Promise<unknown>;
  /** Its own port. */
  port(): Promise<number>;
  /** The port of the other end. */
  peer(): Promise<number>;
  /** Sets SO_LINGER to 0 s: close() sends a reset. */
  lingerNot(): Promise<unknown>;
  /** Reads, and clears, SO_ERROR. */
  error(): Promise<number>;
}

export interface Layer {
  readonly name: "handles" | "numbers";
  socket(type?: number, family?: number, protocol?: number): Socket;
  /** Closes what is still open. */
  closeAll(): void;
}

/** The two, as rows of `test.each`; a new one for each case. */
export const LAYERS: readonly (() => Layer)[] = [handleLayer, numberLayer];

function handleLayer(): Layer {
  const open: Handle[] = [];
  let made = 0;
  const adapt = (handle: Handle): Socket => {
    open.push(handle);
    return {
      fd: handle.fd,
      bind: async (address, port) => handle.bind(address, port),
      listen: async (backlog) => handle.listen(backlog),
      accept: async () => adapt(await handle.accept()),
      connect: async (address, port) => await handle.connect(address, port),
      send: async (data, flags) => await handle.send(data, flags),
      sendto: async (data, address, port) => await handle.sendto(data, address, port),
      recv: async (length, flags) => String(await handle.recv(length, flags)),
      shutdown: async (how) => handle.shutdown(how),
      close: async () => handle.close(),
      port: async () => handle.getsockname().port,
      peer: async () => handle.getpeername().port,
      lingerNot: async () => handle.setsockopt(SO_LINGER, { onoff: true, linger: 0 }),
      error: async () => handle.getsockopt(SO_ERROR),
    };
  };
  return {
    name: "handles",
    socket: (type = SOCK_STREAM, family = AF_INET, protocol = 0) => {
      made += 1;
      return adapt(socket(`s${made}`, family, type, { protocol }));
    },
    closeAll: () => {
      for (const handle of open) if (!handle.closed) handle.close();
    },
  };
}

function numberLayer(): Layer {
  const open = new Set<number>();
  const inet = (address: string, port: number) => ({ family: "AF_INET", address, port }) as const;
  const portOf = (name: ReturnType<typeof calls.getsockname>): number => {
    if (name?.family !== "AF_INET") throw new Error("no port");
    return name.port;
  };
  const adapt = (fd: number): Socket => {
    open.add(fd);
    return {
      fd,
      bind: async (address, port) => calls.bind(fd, inet(address, port)),
      listen: async (backlog) => calls.listen(fd, backlog),
      accept: async () => adapt(calls.accept(fd).fd),
      connect: async (address, port) => calls.connect(fd, inet(address, port)),
      send: async (data, flags) => calls.send(fd, data, undefined, flags),
      sendto: async (data, address, port) => calls.sendto(fd, data, inet(address, port)),
      recv: async (length, flags) => {
        const buffer = Buffer.alloc(length);
        const count = calls.recv(fd, buffer, length, flags);
        return String(buffer.subarray(0, Math.min(count, length)));
      },
      shutdown: async (how) => calls.shutdown(fd, how),
      close: async () => {
        open.delete(fd);
        calls.close(fd);
      },
      port: async () => portOf(calls.getsockname(fd)),
      peer: async () => portOf(calls.getpeername(fd)),
      lingerNot: async () => calls.setsockopt(fd, SOL_SOCKET, SO_LINGER, lingerOf0s()),
      error: async () => Buffer.from(calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)).readInt32LE(),
    };
  };
  return {
    name: "numbers",
    socket: (type = SOCK_STREAM, family = AF_INET, protocol = 0) => adapt(calls.socket(family, type, protocol)),
    closeAll: () => {
      for (const fd of open) calls.close(fd);
      open.clear();
    },
  };
}

/** struct linger { int l_onoff; int l_linger; } */
function lingerOf0s(): Buffer {
  const memory = Buffer.alloc(8);
  memory.writeInt32LE(1);
  return memory;
}

/** What a call comes to, in a word: what it returned, or the name of its errno. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    const value = await call;
    return value === undefined ? 0 : value;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
