import { inspect } from "node:util";
import { decodeOptionValue, encodeOptionValue, formatSockaddr, type SocketAddress } from "../bytes";
import { shown } from "../bytes/arguments";
import type { ControlToSend } from "../bytes/control";
import * as calls from "../calls";
import { type Data, int, payload } from "../calls/arguments";
import { SocketError } from "../errors";
import { errno, nameOf, OPTIONS, SO_REUSEADDR } from "../facts";
import type { OptionInput, SocketOption } from "../facts/option";
import { say } from "../trace";
import { acceptOn } from "./accepting";
import { addressFor, type EndPoint, endPoint } from "./address";
import { bindHandle } from "./binding";
import { connectHandle } from "./connecting";
import type { Core } from "./core";
import { type Message, recvmsgOn } from "./messages";
import { checkedLength, type Datagram, DEFAULT_LENGTH, recvfromOn, recvOn } from "./receiving";
import { recvExactlyOn } from "./receiving-exactly";
import { closeCore, register } from "./registry";
import { flagsFor, sendAllOn, sendmsgOn, sendOn } from "./sending";
import { checkWaiting, USUAL, type Waiting } from "./waiting";

/**
 * A socket that lives in the background of the kernel, under a name, until it is closed.
 *
 * Each method is the system call of the same name: it makes that call on this socket, prints one line, and returns what the call
 * returns. Make one with {@link socket}; `accept()` makes more.
 */
export class Handle {
  readonly #core: Core;

  /** @internal */
  constructor(core: Core) {
    this.#core = core;
    register(core, this);
  }

  /** The name: the lane in the pictures, and the first word of a trace line. */
  get name(): string {
    return this.#core.name;
  }

  /** The descriptor: the small number by which the system knows this socket. It is given to another socket after close(). */
  get fd(): number {
    return this.#core.fd;
  }

  /** True after close(). */
  get closed(): boolean {
    return this.#core.closed !== undefined;
  }

  /**
   * bind(2): gives the socket its local address, so that what arrives there reaches this socket. Servers bind; for a client, connect() does it.
   *
   * A stream socket gets SO_REUSEADDR first (the exact trace shows it), so that a server can be started again at once.
   *
   * @param address an address of this machine, for example `LOOPBACK` ("127.0.0.1") or "0.0.0.0" for all of them; a path for AF_UNIX
   * @param port 0 to 65535; 0 lets the system choose a free one
   * @throws SocketError EADDRINUSE (taken), EADDRNOTAVAIL (not an address of this machine), EACCES (port below 1024), EINVAL (bound already)
   * @side server; a client may, but connect() and sendto() do it for it
   * @state CLOSE → CLOSE, with an address of its own
   * @see man 2 bind
   */
  bind(address: string, port?: number): void {
    bindHandle(this.#core, addressFor(this.#core, address, port));
  }

  /**
   * listen(2): makes the socket a listening one. From now on the system accepts connections for it and queues them until accept() takes them.
   *
   * @param backlog how many connections may wait in the queue (Linux lets one more wait); 128 by default
   * @throws SocketError EADDRINUSE (another socket listens there), EINVAL (connected), EOPNOTSUPP (a datagram socket)
   * @side server, stream sockets only
   * @state CLOSE → LISTEN
   * @see man 2 listen
   */
  listen(backlog = 128): void {
    const core = this.#core;
    core.now("listen", () => calls.listen(core.fd, backlog));
    if (core.local !== undefined || !core.isInternet) return;
    core.quietly(() => core.learnLocal());
    say(`It was not bound, so the system chose ${core.local}.`);
  }

  /**
   * accept(2): takes the connection that has waited longest, and returns a NEW socket for it, named `server→1`, `server→2`, … This socket goes on listening.
   *
   * It waits when nobody is there. Without `await` it waits in the background.
   *
   * @param options `timeout` in milliseconds (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns a new handle for this one client
   * @throws SocketError EINVAL (not listening), EOPNOTSUPP (a datagram socket), EMFILE (no descriptor left); TimeoutError; ClosedError
   * @side server, stream sockets only
   * @state LISTEN → LISTEN; the new socket is ESTABLISHED
   * @see man 2 accept
   */
  accept(options: Waiting = USUAL): Promise<Handle> {
    return acceptOn(this.#core, options, (core) => new Handle(core));
  }

  /**
   * connect(2): on a stream socket, sets up the connection to a listening socket. It is done when the two systems have shaken hands, before the server's accept().
   * On a datagram socket nothing is sent: the address becomes the one that send() goes to and recv() hears.
   *
   * @param address the server's address; a path for AF_UNIX
   * @param port the server's port, 1 to 65535
   * @param options `timeout` in milliseconds (10 s from the `await` by default), `signal`; a connect that is given up closes the socket
   * @throws SocketError ECONNREFUSED (nobody listens there), EISCONN (connected already), ENETUNREACH (no way leads there); TimeoutError; BusyError (a connect is under way)
   * @side client
   * @state stream: CLOSE → SYN_SENT → ESTABLISHED; datagram: CLOSE → ESTABLISHED, and nothing is sent
   * @see man 2 connect, RFC 9293 section 3.5
   */
  connect(address: string, port?: number, options: Waiting = USUAL): Promise<void> {
    return connectHandle(this.#core, addressFor(this.#core, address, port), options);
  }

  /**
   * send(2), once: hands bytes to the system, to be sent to the peer.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param flags for example MSG_OOB
   * @returns how many bytes the system took. On a stream it can be fewer than there are: see sendAll(). It waits only when the buffers are full.
   * @throws SocketError EPIPE (never connected, or the peer is gone), ECONNRESET (ended abruptly), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long)
   * @side both, connected sockets
   * @state unchanged: ESTABLISHED, or CLOSE_WAIT when the peer has closed
   * @see man 2 send
   */
  send(data: Data, flags = 0, options: Waiting = USUAL): Promise<number> {
    const bytes = payload(data);
    return sendOn(this.#core, bytes, flagsFor(data, bytes, flags), options);
  }

  /**
   * Repeats send(2) until everything is sent; one line for each.
   *
   * @param data text (sent as UTF-8) or bytes
   * @throws SocketError EPIPE (never connected, or the peer is gone), ECONNRESET (ended abruptly); TimeoutError (nobody reads for 10 s); ClosedError. Each says how many bytes the system has taken
   * @side both, connected stream sockets
   * @state unchanged: ESTABLISHED, or CLOSE_WAIT when the peer has closed
   * @see man 2 send
   */
  sendAll(data: Data, options: Waiting = USUAL): Promise<void> {
    return sendAllOn(this.#core, payload(data), options);
  }

  /**
   * recv(2), once: takes what has arrived, at most `length` bytes. A stream has no messages: it can be less, or several sends at once.
   *
   * It waits when nothing is there. An empty Buffer on a stream is the end: the peer has closed.
   *
   * @param length how many bytes at most; 65,536 by default
   * @param flags for example MSG_PEEK (leave them in the queue)
   * @returns the bytes; on a stream an empty Buffer is the end
   * @throws SocketError ENOTCONN (not connected), ECONNRESET (ended abruptly), ECONNREFUSED (a datagram sent before found nobody); TimeoutError; ClosedError
   * @side both, connected sockets
   * @state unchanged: ESTABLISHED, FIN_WAIT2 after its own shutdown(), or CLOSE_WAIT when the peer has closed
   * @see man 2 recv
   */
  recv(length = DEFAULT_LENGTH, flags = 0, options: Waiting = USUAL): Promise<Buffer> {
    return recvOn(this.#core, checkedLength(length), int("flags", flags), options);
  }

  /**
   * Repeats recv(2) until exactly so many bytes have come; one line for each. For a stream of records of one length, and for headers.
   *
   * @param length how many bytes, 0 to 1,073,741,824
   * @param options `timeout` in milliseconds (10 s from the `await` by default), `signal`
   * @returns the bytes, all of them
   * @throws EndError (the peer has closed before); SocketError ECONNRESET (ended abruptly); TimeoutError; ClosedError. What had come is the error's `data`
   * @side both, connected stream sockets
   * @state unchanged: ESTABLISHED, FIN_WAIT2 after its own shutdown(), or CLOSE_WAIT when the peer has closed
   * @see man 2 recv
   */
  recvExactly(length: number, options: Waiting = USUAL): Promise<Buffer> {
    return recvExactlyOn(this.#core, checkedLength(length), options);
  }

  /**
   * sendto(2): sends one datagram to an address, whole or not at all. No connection is needed; a socket without a port gets one.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param address where to; a path for AF_UNIX
   * @param port 1 to 65535
   * @returns the number of bytes sent: all of them
   * @throws SocketError EMSGSIZE (more than 65,507 bytes over IPv4), EACCES (broadcast without SO_BROADCAST), EINVAL (port 0)
   * @side both, datagram sockets
   * @state CLOSE → CLOSE, with a port of its own
   * @see man 2 sendto
   */
  sendto(data: Data, address: string, port?: number, options: Waiting & { flags?: number } = USUAL): Promise<number> {
    const to = addressFor(this.#core, address, port);
    const bytes = payload(data);
    checkWaiting(options);
    return sendOn(this.#core, bytes, flagsFor(data, bytes, options.flags ?? 0), options, to);
  }

  /**
   * recvfrom(2), once: takes one datagram, and tells who sent it. What does not fit into `length` is lost; `truncated` says so.
   *
   * @param length how many bytes at most; 65,536 by default, more than any datagram has
   * @returns `data`, `from` (address and port of the sender), `truncated`
   * @throws SocketError ECONNREFUSED (a datagram sent before found nobody); TimeoutError; ClosedError
   * @side both, datagram sockets
   * @state unchanged
   * @see man 2 recvfrom
   */
  recvfrom(length = DEFAULT_LENGTH, flags = 0, options: Waiting = USUAL): Promise<Datagram> {
    return recvfromOn(this.#core, checkedLength(length), int("flags", flags), options);
  }

  /**
   * sendmsg(2): sends data with what goes beside it: the destination, and control messages, such as the address that a datagram is to come from.
   *
   * @param message `data` (text or bytes); `address` and `port` (where to; none on a connected socket); `control`, for example `[{ name: "IP_PKTINFO", local: "127.0.0.2" }]`
   * @param flags for example MSG_DONTWAIT
   * @returns how many bytes the system took
   * @throws SocketError EDESTADDRREQ (no destination), EINVAL (a control message that does not fit, or an address that is not this machine's), EMSGSIZE (a datagram too long)
   * @side both
   * @state unchanged
   * @see man 2 sendmsg, man 3 cmsg, man 7 ip
   */
  sendmsg(
    message: { data: Data; address?: string; port?: number; control?: readonly ControlToSend[] },
    flags = 0,
    options: Waiting = USUAL,
  ): Promise<number> {
    if (typeof message !== "object" || message === null)
      throw new TypeError(
        `The message is an object such as { data: "hello", address: LOOPBACK, port: PORT }, not ${shown(message)}.`,
      );
    const { data, address, port, control } = message;
    const to = address === undefined ? undefined : addressFor(this.#core, address, port);
    return sendmsgOn(this.#core, { data, address: to, control }, flags, options);
  }

  /**
   * recvmsg(2), once: takes what has arrived and tells all that the system knows of it: the sender, whether a datagram was cut, the address that it was sent to
   * (after `setsockopt(IP_PKTINFO, 1)`), or with MSG_ERRQUEUE an error from the network (after `setsockopt(IP_RECVERR, 1)`).
   *
   * @param length how many bytes at most; 65,536 by default
   * @param flags for example MSG_ERRQUEUE, MSG_PEEK
   * @returns `data`, `from`, `control` (the control messages), `flags` (what the system tells), `truncated`
   * @throws SocketError ENOTCONN (not connected), ECONNREFUSED (a datagram sent before found nobody); TimeoutError; ClosedError
   * @side both
   * @state unchanged
   * @see man 2 recvmsg, man 3 cmsg, man 7 ip
   */
  recvmsg(length = DEFAULT_LENGTH, flags = 0, options: Waiting = USUAL): Promise<Message> {
    return recvmsgOn(this.#core, checkedLength(length), int("flags", flags), options);
  }

  /**
   * shutdown(2): ends one direction of the connection, or both. After SHUT_WR the peer receives the end, and this side can still receive.
   *
   * @param how SHUT_WR, SHUT_RD or SHUT_RDWR
   * @throws SocketError ENOTCONN (no connection), EINVAL (no such `how`)
   * @side both, connected sockets
   * @state SHUT_WR: ESTABLISHED → FIN_WAIT1 → FIN_WAIT2; CLOSE_WAIT → LAST_ACK
   * @see man 2 shutdown
   */
  shutdown(how: number): void {
    const core = this.#core;
    core.now("shutdown", () => calls.shutdown(core.fd, how));
  }

  /**
   * close(2): gives the descriptor back and, as it is the only one for this socket, ends the connection. Calls that wait on the handle end with ClosedError.
   * A second close() does nothing.
   *
   * @side both, each its own sockets
   * @state who closes first: ESTABLISHED → FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT; who closes second: CLOSE_WAIT → LAST_ACK → gone; LISTEN → gone
   * @see man 2 close
   */
  close(): void {
    const core = this.#core;
    if (core.closed !== undefined) {
      const where = core.closed.cell === undefined ? "" : ` (in cell ${core.closed.cell})`;
      say(`"${core.name}" is closed already${where}: nothing to do.`);
      return;
    }
    closeCore(core, "It was closed");
  }

  /**
   * getsockname(2): the local address. Before bind() it is 0.0.0.0 and port 0.
   *
   * @returns address and port of this end
   * @side both
   * @state unchanged
   * @see man 2 getsockname
   */
  getsockname(): EndPoint {
    const core = this.#core;
    const address = core.now("getsockname", () => calls.getsockname(core.fd));
    if (address !== undefined) core.local = formatSockaddr(address);
    return endPoint(address);
  }

  /**
   * getpeername(2): the address of the other end.
   *
   * @returns address and port of the other end
   * @throws SocketError ENOTCONN (there is no other end)
   * @side both, connected sockets
   * @state unchanged
   * @see man 2 getpeername
   */
  getpeername(): EndPoint {
    const core = this.#core;
    return endPoint(core.now("getpeername", () => calls.getpeername(core.fd)));
  }

  /**
   * getsockopt(2): reads an option.
   *
   * @param option for example SO_RCVBUF (bytes), TCP_NODELAY (1 or 0), TCP_INFO (what the system knows of a connection, its state included)
   * @returns the value in the option's unit
   * @throws SocketError ENOPROTOOPT (this socket has no such option)
   * @side both
   * @state unchanged
   * @see man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6
   */
  getsockopt<Value>(option: SocketOption<Value>): Value {
    const core = this.#core;
    const known = knownOption(option);
    const bytes = core.now("getsockopt", () => calls.getsockopt(core.fd, known.level, known, roomFor(known)));
    return decodeOptionValue(known, bytes);
  }

  /**
   * setsockopt(2): sets an option.
   *
   * @param value in the option's unit: bytes, 1 or 0, milliseconds, …
   * @throws SocketError ENOPROTOOPT (no such option, or read-only), EINVAL (the value does not fit), EPERM; TypeError, RangeError (a value of another kind)
   * @side both; most options before bind() or connect()
   * @state unchanged
   * @see man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6
   */
  setsockopt<Value>(option: SocketOption<Value>, value: OptionInput<Value>): void {
    const core = this.#core;
    const known = knownOption(option);
    const bytes = encodeOptionValue(known, value);
    core.now("setsockopt", () => calls.setsockopt(core.fd, known.level, known, bytes));
    if (known.name === SO_REUSEADDR.name) core.reuseIsSet = true;
  }

  /** Receives until the peer closes: `for await (const data of conversation) …`, inside a function. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const data = await recvOn(this.#core, DEFAULT_LENGTH, 0, { timeout: Number.POSITIVE_INFINITY });
      if (data.byteLength === 0) return;
      yield data;
    }
  }

  /** Closes the handle at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }

  toString(): string {
    return describeHandle(this.#core);
  }

  /** What the cell shows for a handle: its name, descriptor, kind and addresses as the system tells them now. */
  [inspect.custom](): string {
    return describeHandle(this.#core);
  }
}

/**
 * The option as it is known here, found by its name: it can come from another process.
 *
 * @throws TypeError for what is none of the option constants: a number says nothing of how its value lies in memory
 *
 * @internal
 */
export function knownOption<Value>(option: SocketOption<Value>): SocketOption<Value> {
  const name = typeof option === "object" && option !== null ? option.name : undefined;
  const known = OPTIONS.find((other) => other.name === name);
  if (known !== undefined) return known as SocketOption<Value>;
  throw new TypeError(
    `The option is one of the constants, for example SO_RCVBUF or TCP_NODELAY, not ${shown(option)}. An option without a constant is reached by its number with calls.getsockopt and calls.setsockopt.`,
  );
}

function roomFor(option: SocketOption<unknown>): number {
  return option.kind === "tcp_info" ? 256 : option.kind === "bytes" || option.kind === "text" ? 256 : 16;
}

function describeHandle(core: Core): string {
  const kind = `${nameOf("family", core.family)} ${nameOf("type", core.type)}`;
  if (core.closed !== undefined) return `${core.name}: fd ${core.fd}, ${kind} [closed]`;
  const local = core.quietly(() => tell(() => calls.getsockname(core.fd)));
  const peer = core.quietly(() => tell(() => calls.getpeername(core.fd)));
  return `${core.name}: fd ${core.fd}, ${kind}, local ${local ?? "none"}, peer ${peer ?? "none"}`;
}

function tell(ask: () => SocketAddress | undefined): string | undefined {
  try {
    const address = ask();
    return address === undefined ? undefined : formatSockaddr(address);
  } catch (error) {
    if (error instanceof SocketError)
      return error.errno === errno.EBADF ? "unknown (the descriptor is not open)" : undefined;
    throw error;
  }
}
