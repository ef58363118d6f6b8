import { inspect } from "node:util";
import { calledAlone, fields, shown } from "../bytes/arguments";
import type { ControlToSend } from "../bytes/control";
import { type Data, int, payload } from "../calls/arguments";
import { sections, whole } from "../cells/whole";
import type { OptionInput, SocketOption } from "../facts/option";
import { thrown } from "../readiness/turn";
import { acceptOn } from "./accepting";
import { Arrivals } from "./arrivals";
import { bindHandle } from "./binding";
import { closeHandle } from "./closing";
import { connectHandle, shutdownHandle } from "./connecting";
import { describeHandle } from "./describe";
import { addressFor, type EndPoint, localEnd, peerEnd } from "./end-point";
import { listenOn } from "./listening";
import { MESSAGE, type Message } from "./messages";
import type { NamedSocket } from "./named-socket";
import { getOption, setOption } from "./options";
import { BYTES, checkedLength, DATAGRAM, type Datagram, DEFAULT_LENGTH, receive } from "./receiving";
import { recvExactlyOn } from "./receiving-exactly";
import { register } from "./registry";
import { flagsFor, sendAllOn, sendmsgOn, sendOn } from "./sending";
import { standsFor } from "./socket-of";
import { checkWaiting, USUAL, type WaitOptions } from "./wait-options";

/** The socket behind a handle. A method that was taken from its handle, such as a callback `client.close`, has none. */
let own: (handle: Handle) => NamedSocket;

/**
 * A socket that lives in the background of the kernel, under a name, until it is closed.
 *
 * Each method is the system call of the same name: it makes that call on this socket, prints one line, and returns what the call
 * returns. Make one with `socket()`; `accept()` makes more.
 */
export class Handle {
  readonly #sock: NamedSocket;

  static {
    own = (handle) => {
      try {
        return handle.#sock;
      } catch {
        throw calledAlone("a handle", "client.close()");
      }
    };
  }

  /** @internal */
  constructor(sock: NamedSocket) {
    this.#sock = sock;
    register(sock);
    standsFor(this, sock);
  }

  /** The name: the lane in the pictures, and the first word of a trace line. */
  get name(): string {
    return own(this).name;
  }

  /** The descriptor: the small number, 0 or more, by which the system knows this socket. It is given to another socket after close(). */
  get fd(): number {
    return own(this).fd;
  }

  /** True after close(). */
  get closed(): boolean {
    return own(this).closed !== undefined;
  }

  /**
   * bind(2): gives the socket its local address, so that what arrives there reaches this socket. Servers bind; for a client, connect() does it.
   *
   * A stream socket gets SO_REUSEADDR first (the exact trace shows it), so that a server can be started again at once.
   *
   * Manual: man 2 bind, man 7 ip.
   *
   * @param address an address of this machine, for example `LOOPBACK` ("127.0.0.1") or "0.0.0.0" for all of them; a path for AF_UNIX, where this makes a file, which close() removes
   * @param port 0 to 65535; 0 lets the system choose a free one; left out with a path
   * @throws Errors: SocketError EADDRINUSE (taken), EADDRNOTAVAIL (not an address of this machine), EACCES (port below 1024), EINVAL (bound already); ClosedError (the handle is closed); TypeError and RangeError for what is no address or port; in another process ProcessError (it has ended)
   * @side Side: server; a client may, but connect() and sendto() do it for it
   * @state State: CLOSE → CLOSE, with an address of its own
   */
  bind(address: string, port?: number): void {
    whole(() => bindHandle(own(this), addressFor(own(this), address, port)));
  }

  /**
   * listen(2): makes the socket a listening one. From now on the system accepts connections for it and queues them until accept() takes them.
   *
   * Manual: man 2 listen.
   *
   * @param backlog how many connections may wait in the queue (Linux lets one more wait); 128 by default
   * @throws Errors: SocketError EADDRINUSE (another socket listens there), EINVAL (connected), EOPNOTSUPP (a datagram socket); ClosedError (the handle is closed); TypeError and RangeError for a backlog that is no C int; in another process ProcessError (it has ended)
   * @side Side: server, stream sockets only
   * @state State: CLOSE → LISTEN
   */
  listen(backlog = 128): void {
    whole(() => listenOn(own(this), backlog));
  }

  /**
   * accept(2): takes the connection that has waited longest, and returns a NEW socket for it, named `server→1`, `server→2`, … This socket goes on listening.
   *
   * It waits when nobody is there. Without `await` it waits in the background.
   *
   * Manual: man 2 accept.
   *
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns a new handle for this one client
   * @throws Errors: SocketError EINVAL (not listening), EOPNOTSUPP (a datagram socket), EMFILE (no descriptor left); TimeoutError (no client came), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for wrong options; in another process ProcessError (it has ended)
   * @side Side: server, stream sockets only
   * @state State: LISTEN → LISTEN; the new socket is ESTABLISHED
   */
  accept(options: WaitOptions = USUAL): Promise<Handle> {
    sections?.enter();
    try {
      return acceptOn(own(this), options, (sock) => new Handle(sock));
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * connect(2): on a stream socket, sets up the connection to a listening socket. It is done when the two systems have shaken hands, before the server's accept().
   * On a datagram socket nothing is sent: the address becomes the one that send() goes to and recv() hears.
   *
   * Manual: man 2 connect, RFC 9293 section 3.5.
   *
   * @param address the server's address; a path for AF_UNIX
   * @param port 1 to 65535; left out with a path
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up; a stream socket whose connect is given up is closed
   * @throws Errors: SocketError ECONNREFUSED (nobody listens there), EISCONN (connected already), ENETUNREACH (no way leads there); TimeoutError (nobody answered), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (a connect is under way, or thousands of calls: `await` is missing); TypeError and RangeError for what is no address, port or options; in another process ProcessError (it has ended)
   * @side Side: client
   * @state State: stream: CLOSE → SYN_SENT → ESTABLISHED; datagram: CLOSE → ESTABLISHED, and nothing is sent
   */
  connect(address: string, port?: number, options: WaitOptions = USUAL): Promise<void> {
    sections?.enter();
    try {
      return connectHandle(own(this), addressFor(own(this), address, port), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * send(2), once: hands bytes to the system, to be sent to the peer.
   *
   * It waits only when the buffers are full.
   *
   * Manual: man 2 send.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param flags for example MSG_OOB; with MSG_DONTWAIT it never waits: EAGAIN when the buffers are full; 0 unless told
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns how many bytes the system took. On a stream it can be fewer than there are: see sendAll().
   * @throws Errors: SocketError EPIPE (never connected, or the peer is gone), ECONNRESET (ended abruptly), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long); SocketError EAGAIN (the buffers are full, with MSG_DONTWAIT); TimeoutError (the buffers stayed full), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what cannot be sent, flags that are no C int, wrong options; in another process ProcessError (it has ended)
   * @side Side: both, connected sockets
   * @state State: unchanged: ESTABLISHED, or CLOSE_WAIT when the peer sends no more
   */
  send(data: Data, flags = 0, options: WaitOptions = USUAL): Promise<number> {
    sections?.enter();
    try {
      const bytes = payload(data);
      return sendOn(own(this), bytes, flagsFor(data, bytes, flags), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * Repeats send(2) until everything is sent; one line for each.
   *
   * Manual: man 2 send.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up; for the whole
   * @throws Errors: SocketError EPIPE (never connected, or the peer is gone), ECONNRESET (ended abruptly); TimeoutError (nobody reads; each error says how many of the bytes the system took), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what cannot be sent, wrong options; in another process ProcessError (it has ended)
   * @side Side: both, connected stream sockets
   * @state State: unchanged: ESTABLISHED, or CLOSE_WAIT when the peer sends no more
   */
  sendAll(data: Data, options: WaitOptions = USUAL): Promise<void> {
    sections?.enter();
    try {
      return sendAllOn(own(this), payload(data), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * recv(2), once: takes what has arrived, at most `length` bytes. A stream has no messages: it can be less, or several sends at once.
   *
   * It waits when nothing is there. An empty Buffer on a stream is the end: the peer sends no more.
   *
   * Manual: man 2 recv.
   *
   * @param length bytes at most, 0 to 2^30; 65,536 by default
   * @param flags for example MSG_PEEK (leave them in the queue), MSG_DONTWAIT (EAGAIN instead of a wait), MSG_WAITALL (on a stream: wait
   *   until all of `length` is there; less at the end, before an urgent byte, and when it is given up after some has come); 0 unless told
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns the bytes; on a stream an empty Buffer is the end
   * @throws Errors: SocketError ENOTCONN (not connected), ECONNRESET (ended abruptly), ECONNREFUSED (a datagram sent before found nobody), EAGAIN (nothing there, with MSG_DONTWAIT); TimeoutError (nothing came), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what is no such length, no C int or no options; in another process ProcessError (it has ended)
   * @side Side: both, connected sockets
   * @state State: unchanged: ESTABLISHED, FIN_WAIT2 after its own shutdown(), or CLOSE_WAIT when the peer sends no more
   */
  recv(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Buffer> {
    sections?.enter();
    try {
      return receive(own(this), BYTES, checkedLength(length), int("flags", flags), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * Repeats recv(2) until exactly so many bytes have come; one line for each. For a stream of records of one length, and for headers.
   *
   * Manual: man 2 recv.
   *
   * @param length bytes, 0 to 2^30
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns the bytes, all of them
   * @throws Errors: SocketError ENOTCONN (not connected), ECONNRESET (ended abruptly); EndError (the stream has ended before), TimeoutError (they did not come in time), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing): what had come is the error's `data`; TypeError and RangeError for what is no such length or no options; in another process ProcessError (it has ended)
   * @side Side: both, connected stream sockets
   * @state State: unchanged: ESTABLISHED, FIN_WAIT2 after its own shutdown(), or CLOSE_WAIT when the peer sends no more
   */
  recvExactly(length: number, options: WaitOptions = USUAL): Promise<Buffer> {
    sections?.enter();
    try {
      return recvExactlyOn(own(this), checkedLength(length), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * sendto(2): sends one datagram to an address, whole or not at all. No connection is needed; a socket without a port gets one.
   *
   * Manual: man 2 sendto, man 7 udp.
   *
   * @param data text (sent as UTF-8) or bytes
   * @param address where to; a path for AF_UNIX
   * @param port 1 to 65535; left out with a path
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up; `flags` for example MSG_DONTWAIT, 0 unless told
   * @returns Returns the number of bytes sent: all of them
   * @throws Errors: SocketError EMSGSIZE (more than 65,507 bytes over IPv4), EACCES (broadcast without SO_BROADCAST), EINVAL (port 0); SocketError EAGAIN (the buffers are full, with MSG_DONTWAIT); TimeoutError (the buffers stayed full), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what is no data, address, port or options; in another process ProcessError (it has ended)
   * @side Side: both, datagram sockets
   * @state State: CLOSE → CLOSE, with a port of its own
   */
  sendto(
    data: Data,
    address: string,
    port?: number,
    options: WaitOptions & {
      /** The flags, a C int, for example MSG_DONTWAIT: 0 (none) unless told. */
      flags?: number;
    } = USUAL,
  ): Promise<number> {
    sections?.enter();
    try {
      const to = addressFor(own(this), address, port);
      const bytes = payload(data);
      const waiting = checkWaiting(options);
      return sendOn(own(this), bytes, flagsFor(data, bytes, (waiting.flags ?? 0) as number), waiting, to);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * recvfrom(2), once: takes one datagram, and tells who sent it. What does not fit into `length` is lost; `truncated` says so.
   *
   * It waits when nothing is there.
   *
   * Manual: man 2 recvfrom.
   *
   * @param length bytes at most, 0 to 2^30; 65,536 by default
   * @param flags for example MSG_PEEK, MSG_DONTWAIT; 0 unless told
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns `data`, `from` (address and port of the sender), `truncated`
   * @throws Errors: SocketError ECONNREFUSED (a datagram sent before found nobody), EAGAIN (nothing there, with MSG_DONTWAIT); TimeoutError (nothing came), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what is no such length, no C int or no options; in another process ProcessError (it has ended)
   * @side Side: both, datagram sockets
   * @state State: unchanged
   */
  recvfrom(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Datagram> {
    sections?.enter();
    try {
      return receive(own(this), DATAGRAM, checkedLength(length), int("flags", flags), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * sendmsg(2): sends data with what goes beside it: the destination, and control messages, such as the address that a datagram is to come from.
   *
   * Manual: man 2 sendmsg, man 3 cmsg, man 7 ip.
   *
   * @param message `data` (text or bytes); `address` and `port` (where to; none on a connected socket); `control`, for example `[{ name: "IP_PKTINFO", local: "127.0.0.2" }]`
   * @param flags for example MSG_DONTWAIT; 0 unless told
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns how many bytes the system took
   * @throws Errors: SocketError EDESTADDRREQ (no destination), EINVAL (a control message that does not fit, or an address that is not this machine's), EMSGSIZE (a datagram too long); TimeoutError (the buffers stayed full), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what is no message, no C int or no options; in another process ProcessError (it has ended)
   * @side Side: both
   * @state State: unchanged
   */
  sendmsg(
    message: {
      /** Text (sent as UTF-8) or bytes. */
      data: Data;
      /** Where to: an address or a path; none on a connected socket. */
      address?: string;
      /** The port of the address, 0 to 65535; none beside a path. */
      port?: number;
      /** The control messages: none unless told. */
      control?: readonly ControlToSend[];
    },
    flags = 0,
    options: WaitOptions = USUAL,
  ): Promise<number> {
    sections?.enter();
    try {
      if (typeof message !== "object" || message === null)
        throw new TypeError(
          `The message is an object such as { data: "hello", address: LOOPBACK, port: PORT }, not ${shown(message)}.`,
        );
      const { data, address, port, control } = fields("The message", message, ["data", "address", "port", "control"]);
      if (address === undefined && port !== undefined)
        throw new TypeError(`The port ${shown(port)} has no address: give both, or neither on a connected socket.`);
      const to = address === undefined ? undefined : addressFor(own(this), address, port);
      return sendmsgOn(own(this), { data: data as Data, address: to, control }, flags, options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * recvmsg(2), once: takes what has arrived and tells all that the system knows of it: the sender, whether a datagram was cut, the address that it was sent to
   * (after `setsockopt(IP_PKTINFO, 1)`), or with MSG_ERRQUEUE an error from the network (after `setsockopt(IP_RECVERR, 1)`).
   *
   * It waits when nothing is there, but not for an error: a recv() that waits ends when one comes.
   *
   * Manual: man 2 recvmsg, man 3 cmsg, man 7 ip.
   *
   * @param length bytes at most, 0 to 2^30; 65,536 by default
   * @param flags for example MSG_ERRQUEUE, MSG_PEEK; 0 unless told
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns `data`, `from`, `control` (the control messages), `flags` (what the system tells), `truncated`
   * @throws Errors: SocketError ENOTCONN (not connected), ECONNREFUSED (a datagram sent before found nobody), EAGAIN (nothing there, with MSG_DONTWAIT or MSG_ERRQUEUE); TimeoutError (nothing came), InterruptedError (the cell was interrupted), ClosedError (the handle is closed), BusyError (thousands of calls are under way: `await` is missing); TypeError and RangeError for what is no such length, no C int or no options; in another process ProcessError (it has ended)
   * @side Side: both
   * @state State: unchanged
   */
  recvmsg(length = DEFAULT_LENGTH, flags = 0, options: WaitOptions = USUAL): Promise<Message> {
    sections?.enter();
    try {
      return receive(own(this), MESSAGE, checkedLength(length), int("flags", flags), options);
    } catch (error) {
      return thrown(error);
    } finally {
      sections?.leave();
    }
  }

  /**
   * shutdown(2): ends one direction of the connection, or both. After SHUT_WR the peer receives the end, and this side can still receive.
   *
   * Manual: man 2 shutdown.
   *
   * @param how SHUT_WR, SHUT_RD or SHUT_RDWR
   * @throws Errors: SocketError ENOTCONN (no connection), EINVAL (no such `how`); ClosedError (the handle is closed); TypeError and RangeError for what is no C int; in another process ProcessError (it has ended)
   * @side Side: both, connected sockets
   * @state State: SHUT_WR: ESTABLISHED → FIN_WAIT1 → FIN_WAIT2; CLOSE_WAIT → LAST_ACK
   */
  shutdown(how: number): void {
    whole(() => shutdownHandle(own(this), how));
  }

  /**
   * close(2): gives the descriptor back and, as it is the only one for this socket, ends the connection. Calls that wait on the handle end with ClosedError.
   * A second close() does nothing.
   *
   * Manual: man 2 close.
   *
   * @throws Errors: none; in another process ProcessError (it has ended)
   * @side Side: both, each its own sockets
   * @state State: who closes first: ESTABLISHED → FIN_WAIT1 → FIN_WAIT2 → TIME_WAIT; who closes second: CLOSE_WAIT → LAST_ACK → gone; LISTEN → gone
   */
  close(): void {
    whole(() => closeHandle(own(this)));
  }

  /**
   * getsockname(2): the local address. Before bind() it is 0.0.0.0 and port 0.
   *
   * Manual: man 2 getsockname.
   *
   * @returns Returns address and port of this end
   * @throws Errors: ClosedError (the handle is closed); in another process ProcessError (it has ended)
   * @side Side: both
   * @state State: unchanged
   */
  getsockname(): EndPoint {
    return whole(() => localEnd(own(this)));
  }

  /**
   * getpeername(2): the address of the other end.
   *
   * Manual: man 2 getpeername.
   *
   * @returns Returns address and port of the other end
   * @throws Errors: SocketError ENOTCONN (there is no other end); ClosedError (the handle is closed); in another process ProcessError (it has ended)
   * @side Side: both, connected sockets
   * @state State: unchanged
   */
  getpeername(): EndPoint {
    return whole(() => peerEnd(own(this)));
  }

  /**
   * getsockopt(2): reads an option.
   *
   * Manual: man 2 getsockopt, man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6.
   *
   * @param option for example SO_RCVBUF (bytes), TCP_NODELAY (1 or 0), TCP_INFO (what the system knows of a connection, its state included)
   * @returns Returns the value in the option's unit
   * @throws Errors: SocketError ENOPROTOOPT (no such option), EOPNOTSUPP (another kind of socket has it); ClosedError (the handle is closed); TypeError for what is no option; in another process ProcessError (it has ended)
   * @side Side: both
   * @state State: unchanged
   */
  getsockopt<Value>(option: SocketOption<Value>): Value {
    return whole(() => getOption(own(this), option));
  }

  /**
   * setsockopt(2): sets an option.
   *
   * Manual: man 2 setsockopt, man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6.
   *
   * @param option for example SO_RCVBUF, TCP_NODELAY, SO_LINGER
   * @param value in the option's unit: bytes, 1 or 0, milliseconds, …
   * @throws Errors: SocketError ENOPROTOOPT (no such option, or read-only), EINVAL (the value does not fit), EPERM (not allowed); ClosedError (the handle is closed); TypeError and RangeError for a value of another kind; in another process ProcessError (it has ended)
   * @side Side: both; most options before bind() or connect()
   * @state State: unchanged
   */
  setsockopt<Value>(option: SocketOption<Value>, value: OptionInput<Value>): void {
    whole(() => setOption(own(this), option, value));
  }

  /**
   * Receives until the peer sends no more: `for await (const data of conversation) …`, inside a function. Of a datagram socket, datagram after datagram, without an end.
   *
   * @returns Returns what each recv() gives, one after the other
   * @throws Errors: those of recv(); it waits without a deadline
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return new Arrivals(own(this));
  }

  /**
   * Closes the handle at the end of an `await using` block.
   *
   * @throws Errors: none
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) this.close();
  }

  /**
   * The handle in one line: its name, descriptor, kind and addresses as the system tells them now.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  toString(): string {
    return describeHandle(own(this));
  }

  /**
   * What the cell shows for the handle: its name, descriptor, kind and addresses as the system tells them now.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    return describeHandle(own(this));
  }
}
