import { inspect } from "node:util";
import { shown } from "../bytes/arguments";
import type { ControlToSend } from "../bytes/control";
import { type Data, int, payload } from "../calls/arguments";
import type { OptionInput, SocketOption } from "../facts/option";
import { acceptOn } from "./accepting";
import { bindHandle } from "./binding";
import { closeHandle } from "./closing";
import { connectHandle, shutdownHandle } from "./connecting";
import { describeHandle } from "./describe";
import { addressFor, type EndPoint, localEnd, peerEnd } from "./end-point";
import { listenOn } from "./listening";
import { type Message, recvmsgOn } from "./messages";
import type { NamedSocket } from "./named-socket";
import { getOption, setOption } from "./options";
import { checkedLength, type Datagram, DEFAULT_LENGTH, recvfromOn, recvOn } from "./receiving";
import { recvExactlyOn } from "./receiving-exactly";
import { register } from "./registry";
import { flagsFor, sendAllOn, sendmsgOn, sendOn } from "./sending";
import { standsFor } from "./socket-of";
import { checkWaiting, USUAL, type WaitOptions } from "./wait-options";

/**
 * A socket that lives in the background of the kernel, under a name, until it is closed.
 *
 * Each method is the system call of the same name: it makes that call on this socket, prints one line, and returns what the call
 * returns. Make one with {@link socket}; `accept()` makes more.
 */
export class Handle {
  readonly #sock: NamedSocket;

  /** @internal */
  constructor(sock: NamedSocket) {
    this.#sock = sock;
    register(sock);
    standsFor(this, sock);
  }

  /** The name: the lane in the pictures, and the first word of a trace line. */
  get name(): string {
    return this.#sock.name;
  }

  /** The descriptor: the small number by which the system knows this socket. It is given to another socket after close(). */
  get fd(): number {
    return this.#sock.fd;
  }

  /** True after close(). */
  get closed(): boolean {
    return this.#sock.closed !== undefined;
  }

  /**
   * bind(2): gives the socket its local address, so that what arrives there reaches this socket. Servers bind; for a client, connect() does it.
   *
   * A stream socket gets SO_REUSEADDR first (the exact trace shows it), so that a server can be started again at once.
   *
   * @param address an address of this machine, for example `LOOPBACK` ("127.0.0.1") or "0.0.0.0" for all of them; a path for AF_UNIX, where this makes a file, which close() removes
   * @param port 0 to 65535; 0 lets the system choose a free one
   * @throws SocketError EADDRINUSE (taken), EADDRNOTAVAIL (not an address of this machine), EACCES (port below 1024), EINVAL (bound already)
   * @side server; a client may, but connect() and sendto() do it for it
   * @state CLOSE → CLOSE, with an address of its own
   * @see man 2 bind
   */
  bind(address: string, port?: number): void {
    bindHandle(this.#sock, addressFor(this.#sock, address, port));
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
    listenOn(this.#sock, backlog);
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
  accept(options: WaitOptions = USUAL): Promise<Handle> {
    return acceptOn(this.#sock, options, (sock) => new Handle(sock));
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
  connect(address: string, port?: number, options: WaitOptions = USUAL): Promise<void> {
    return connectHandle(this.#sock, addressFor(this.#sock, address, port), options);
  }

  /**
   * send(2), once: hands bytes to the system, to be sent to the peer.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param flags for example MSG_OOB; with MSG_DONTWAIT it never waits: EAGAIN when the buffers are full
   * @returns how many bytes the system took. On a stream it can be fewer than there are: see sendAll(). It waits only when the buffers are full.
   * @throws SocketError EPIPE (never connected, or the peer is gone), ECONNRESET (ended abruptly), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long)
   * @side both, connected sockets
   * @state unchanged: ESTABLISHED, or CLOSE_WAIT when the peer has closed
   * @see man 2 send
   */
  send(data: Data, flags = 0, options: WaitOptions = USUAL): Promise<number> {
    const bytes = payload(data);
    return sendOn(this.#sock, bytes, flagsFor(data, bytes, flags), options);
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
  sendAll(data: Data, options: WaitOptions = USUAL): Promise<void> {
    return sendAllOn(this.#sock, payload(data), options);
  }

  /**
   * recv(2), once: takes what has arrived, at most `length` bytes. A stream has no messages: it can be less, or several sends at once.
   *
   * It waits when nothing is there. An empty Buffer on a stream is the end: the peer has closed.
   *
   * @param length how many bytes at most; 65,536 by default
   * @param flags for example MSG_PEEK (leave them in the queue), MSG_DONTWAIT (EAGAIN instead of a wait), MSG_WAITALL (on a stream: waits
   *   until all of `length` is there; less only at the end, and when the wait is given up after some has arrived)
   * @returns the bytes; on a stream an empty Buffer is the end
   * @throws SocketError ENOTCONN (not connected), ECONNRESET (ended abruptly), ECONNREFUSED (a datagram sent before found nobody); TimeoutError; ClosedError
   * @side both, connected sockets
   * @state unchanged: ESTABLISHED, FIN_WAIT2 after its own shutdown(), or CLOSE_WAIT when the peer has closed
   * @see man 2 recv
   */
  recv(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Buffer> {
    return recvOn(this.#sock, checkedLength(length), int("flags", flags), options);
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
  recvExactly(length: number, options: WaitOptions = USUAL): Promise<Buffer> {
    return recvExactlyOn(this.#sock, checkedLength(length), options);
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
  sendto(
    data: Data,
    address: string,
    port?: number,
    options: WaitOptions & { flags?: number } = USUAL,
  ): Promise<number> {
    const to = addressFor(this.#sock, address, port);
    const bytes = payload(data);
    checkWaiting(options);
    return sendOn(this.#sock, bytes, flagsFor(data, bytes, options.flags ?? 0), options, to);
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
  recvfrom(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Datagram> {
    return recvfromOn(this.#sock, checkedLength(length), int("flags", flags), options);
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
    options: WaitOptions = USUAL,
  ): Promise<number> {
    if (typeof message !== "object" || message === null)
      throw new TypeError(
        `The message is an object such as { data: "hello", address: LOOPBACK, port: PORT }, not ${shown(message)}.`,
      );
    const { data, address, port, control } = message;
    const to = address === undefined ? undefined : addressFor(this.#sock, address, port);
    return sendmsgOn(this.#sock, { data, address: to, control }, flags, options);
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
  recvmsg(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Message> {
    return recvmsgOn(this.#sock, checkedLength(length), int("flags", flags), options);
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
    shutdownHandle(this.#sock, how);
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
    closeHandle(this.#sock);
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
    return localEnd(this.#sock);
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
    return peerEnd(this.#sock);
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
    return getOption(this.#sock, option);
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
    setOption(this.#sock, option, value);
  }

  /** Receives until the peer closes: `for await (const data of conversation) …`, inside a function. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const data = await recvOn(this.#sock, DEFAULT_LENGTH, 0, { timeout: Number.POSITIVE_INFINITY });
      if (data.byteLength === 0) return;
      yield data;
    }
  }

  /** Closes the handle at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }

  toString(): string {
    return describeHandle(this.#sock);
  }

  /** What the cell shows for a handle: its name, descriptor, kind and addresses as the system tells them now. */
  [inspect.custom](): string {
    return describeHandle(this.#sock);
  }
}
