import { decodeSockaddr, formatSockaddr, optionValueText, quoteBytes } from "../bytes";
import { constants, flagNames, nameOf, optionByNumber } from "../facts";
import type { Call } from "./call";

/** How many bytes of a payload a short line shows. */
const SHORT_PAYLOAD = 32;

/** `127.0.0.1:20733`, from the bytes of a sockaddr. */
export function describeAddress(bytes: Uint8Array | undefined, length = bytes?.byteLength ?? 0): string {
  const address = bytes === undefined ? undefined : decodeSockaddr(bytes, length);
  return address === undefined ? "?" : formatSockaddr(address);
}

function optionText(level: number, option: number): string {
  return optionByNumber(level, option)?.name ?? `${nameOf("level", level)}, ${option}`;
}

/** What the workshop adds to every call of its own accord. */
const OWN_TYPE_FLAGS = constants.SOCK_CLOEXEC | constants.SOCK_NONBLOCK;
const OWN_MESSAGE_FLAGS = constants.MSG_NOSIGNAL;

function flagsAfter(flags: number): string {
  const chosen = flags & ~OWN_MESSAGE_FLAGS;
  return chosen === 0 ? "" : `, ${flagNames("msg", chosen)}`;
}

function payload(data: Uint8Array, length: number): string {
  const shown = quoteBytes(data.subarray(0, length), SHORT_PAYLOAD);
  return length > data.byteLength && !shown.endsWith("...") ? `${shown}...` : shown;
}

/**
 * The call in short form, as a learner wrote it: `bind(24, 127.0.0.1:20733)`, without its result. Flags that the workshop always
 * adds (close-on-exec, non-blocking, no SIGPIPE) are left out; the exact form of the trace shows them.
 *
 * @param result what the call returned: for receives it says how many bytes of `data` count
 */
export function describeCall(call: Call, result = 0): string {
  switch (call.name) {
    case "socket":
    case "socketpair": {
      const protocol = call.protocol === 0 ? "" : `, ${nameOf("protocol", call.protocol)}`;
      return `${call.name}(${nameOf("family", call.family)}, ${nameOf("type", call.type & ~OWN_TYPE_FLAGS)}${protocol})`;
    }
    case "bind":
    case "connect":
      return `${call.name}(${call.fd}, ${describeAddress(call.address)})`;
    case "listen":
      return `listen(${call.fd}, ${call.backlog})`;
    case "send":
      return `send(${call.fd}, ${payload(call.data, call.length)}, ${call.length}${flagsAfter(call.flags)})`;
    case "sendto":
      return `sendto(${call.fd}, ${payload(call.data, call.length)}, ${call.length}${flagsAfter(call.flags)}, ${describeAddress(call.address)})`;
    case "recv":
    case "recvfrom": {
      const got = call.data === undefined ? "" : `${payload(call.data, Math.min(result, call.length))}, `;
      return `${call.name}(${call.fd}, ${got}${call.length}${flagsAfter(call.flags)})`;
    }
    case "shutdown":
      return `shutdown(${call.fd}, ${nameOf("how", call.how)})`;
    case "getsockopt":
      return `getsockopt(${call.fd}, ${optionText(call.level, call.option)})`;
    case "setsockopt": {
      const value = optionValueText(call.level, call.option, call.value);
      return `setsockopt(${call.fd}, ${optionText(call.level, call.option)}${value === undefined ? "" : `, ${value}`})`;
    }
    case "fcntl":
      return `fcntl(${call.fd}, ${nameOf("fcntl", call.command)}, ${call.argument})`;
    case "poll":
      return `poll(${call.fds.map((entry) => entry.fd).join(", ")}; ${call.timeout} ms)`;
    case "epoll_create1":
      return `epoll_create1(${flagNames("epollCreate", call.flags)})`;
    case "epoll_ctl":
      return `epoll_ctl(${call.epfd}, ${nameOf("epollOp", call.op)}, ${call.fd}, ${flagNames("epoll", call.events)})`;
    case "epoll_wait":
      return `epoll_wait(${call.epfd}, ${call.timeout} ms)`;
    case "eventfd":
      return `eventfd(${call.initial})`;
    default:
      return `${call.name}(${call.fd})`;
  }
}
