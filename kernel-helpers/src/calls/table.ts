import type { Failure } from "../errors/socket-error";
import { errnoName, errnoText } from "../facts";
import type { MadeCall } from "../libc/funnel";
import { ACCEPT } from "./accept";
import { BIND } from "./bind";
import { CLOSE } from "./close";
import { CONNECT } from "./connect";
import { type Description, failure, type Shown, succeed } from "./description";
import { EPOLL_CREATE } from "./epoll_create";
import { EPOLL_CTL } from "./epoll_ctl";
import { EPOLL_WAIT } from "./epoll_wait";
import { EVENTFD } from "./eventfd";
import { FCNTL } from "./fcntl";
import { GETPEERNAME } from "./getpeername";
import { GETSOCKNAME } from "./getsockname";
import { GETSOCKOPT, SETSOCKOPT } from "./getsockopt";
import { LISTEN } from "./listen";
import { POLL } from "./poll";
import { RECV, RECVFROM } from "./recv";
import { RECVMSG } from "./recvmsg";
import { SEND, SENDTO } from "./send";
import { SENDMSG } from "./sendmsg";
import { SHUTDOWN } from "./shutdown";
import { SOCKET } from "./socket";
import { SOCKETPAIR } from "./socketpair";

export type { MadeCall, NamedCall } from "../libc/funnel";

/** Every call by its name in the record: the one place where a call is found by its name. */
const DESCRIPTIONS = {
  accept: ACCEPT,
  bind: BIND,
  close: CLOSE,
  connect: CONNECT,
  epoll_create1: EPOLL_CREATE,
  epoll_ctl: EPOLL_CTL,
  epoll_wait: EPOLL_WAIT,
  eventfd: EVENTFD,
  fcntl: FCNTL,
  getpeername: GETPEERNAME,
  getsockname: GETSOCKNAME,
  getsockopt: GETSOCKOPT,
  listen: LISTEN,
  poll: POLL,
  recv: RECV,
  recvfrom: RECVFROM,
  recvmsg: RECVMSG,
  send: SEND,
  sendmsg: SENDMSG,
  sendto: SENDTO,
  setsockopt: SETSOCKOPT,
  shutdown: SHUTDOWN,
  socket: SOCKET,
  socketpair: SOCKETPAIR,
};

/** The name of a C function that the workshop calls. */
export type CallName = keyof typeof DESCRIPTIONS;

/**
 * One call of a libc function with its arguments, and with what the call wrote into memory. Addresses are the bytes of the sockaddr; of
 * data, the first bytes are kept.
 */
export type Call = { [N in CallName]: (typeof DESCRIPTIONS)[N] extends Description<infer C> ? C : never }[CallName];

/** A call that was made: the call, its result and errno, and when (milliseconds since the process started). */
export type CallRecord = MadeCall<Call>;

function of(call: Call): Description<Call> {
  // The description of a name is the one of the calls of that name, which the compiler cannot follow.
  return DESCRIPTIONS[call.name] as unknown as Description<Call>;
}

/**
 * The call in short form, as a learner wrote it: `bind(24, 127.0.0.1:20733)`, without its result.
 *
 * @param result what the call returned: for receives it says how many bytes of `data` count
 */
export function shortText(call: Call, result = 0): string {
  return of(call).short(call, result);
}

/** What follows the result in a short line: `  ← 127.0.0.1:45230`. */
export function toldText(call: Call): string {
  return of(call).told?.(call) ?? "";
}

/** The system call as strace prints it, with its result. */
export function exactText(made: CallRecord): string {
  const { call, result, errno } = made;
  const description = of(call);
  return `${description.exact(call, made)} = ${
    result === -1
      ? `-1 ${errnoName(errno)} (${errnoText(errnoName(errno))})`
      : (description.exactResult?.(call, result) ?? result)
  }`;
}

/**
 * What the ladder shows of a call.
 *
 * @param result what it returned, when it has succeeded
 */
export function shownOf(call: Call, result: number | undefined): Shown {
  return of(call).shown?.(call, result) ?? {};
}

/** Whether this call takes effect when it is made first; made again, it only tells how that went. */
export function actsAtOnce(name: CallName): boolean {
  return "actsAtOnce" in DESCRIPTIONS[name];
}

/** What an error says of a failed call. */
export function failureOf(call: Call, errno: number): Failure {
  return failure(of(call), call, errno);
}

/**
 * @param result what one of the functions that try a call gave
 * @returns the result when the call succeeded
 * @throws SocketError when it is minus an errno
 */
export function mustSucceed(call: Call, result: number): number {
  return result >= 0 ? result : succeed(of(call), call, result);
}
