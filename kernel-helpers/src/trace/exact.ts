import { decodeSockaddr, formatIPv4, quoteBytes, type SocketAddress } from "../bytes";
import { lane } from "../errors";
import {
  constants,
  errnoName,
  errnoText,
  exactNameOf,
  flagNames,
  optionByNumber,
  optionName,
  protocolName,
  socketTypeName,
} from "../facts";
import { type Call, type CallRecord, FILTER_PROGRAM_SIZE } from "../libc";

/** How many bytes of a string strace prints by default. */
const STRING = 32;
/** strace prints where in memory the buffer of a failed call is; the number means nothing to a reader. */
const SOMEWHERE = "0x…";

/** The socket address in strace's words. */
export function exactAddress(bytes: Uint8Array, length = bytes.byteLength): string {
  const address = decodeSockaddr(bytes, length);
  if (address === undefined) return "NULL";
  return `{${fields(address).join(", ")}}`;
}

function fields(address: SocketAddress): string[] {
  switch (address.family) {
    case "AF_INET":
      return ["sa_family=AF_INET", `sin_port=htons(${address.port})`, `sin_addr=inet_addr("${address.address}")`];
    case "AF_INET6":
      return [
        "sa_family=AF_INET6",
        `sin6_port=htons(${address.port})`,
        `sin6_flowinfo=htonl(${address.flowinfo})`,
        `inet_pton(AF_INET6, "${address.address}", &sin6_addr)`,
        `sin6_scope_id=${address.scopeId}`,
      ];
    case "AF_UNIX": {
      if (address.path === "") return ["sa_family=AF_UNIX"];
      const abstract = address.path.startsWith("\0");
      const quoted = quoteBytes(Buffer.from(abstract ? address.path.slice(1) : address.path), 108);
      return ["sa_family=AF_UNIX", `sun_path=${abstract ? "@" : ""}${quoted}`];
    }
    default:
      return [`sa_family=${address.family}`];
  }
}

function text(data: Uint8Array, length: number): string {
  const shown = quoteBytes(data.subarray(0, length), STRING);
  return length > data.byteLength && !shown.endsWith("...") ? `${shown}...` : shown;
}

const flags = (value: number): string => flagNames("msg", value);

function ints(value: Uint8Array): string {
  const view = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const words = Array.from({ length: Math.floor(value.byteLength / 4) }, (_, i) => view.readInt32LE(i * 4));
  return words.length === 1 ? `[${words[0]}]` : text(value, value.byteLength);
}

function optionValue(level: number, number: number, value: Uint8Array): string {
  const option = optionByNumber(level, number);
  const view = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (option?.name === "SO_ERROR" && view.byteLength >= 4) {
    const error = view.readInt32LE(0);
    return error === 0 ? "[0]" : `[${errnoName(error)}]`;
  }
  if (option?.kind === "linger" && view.byteLength >= 8) {
    return `{l_onoff=${view.readInt32LE(0)}, l_linger=${view.readInt32LE(4)}}`;
  }
  if (option?.kind === "tcp_info") return SOMEWHERE;
  if (option?.kind === "ip_mreq" && value.byteLength >= 8) {
    const [group, place] = [value.subarray(0, 4), value.subarray(4, 8)].map(
      (four) => `inet_addr("${formatIPv4(four)}")`,
    );
    return `{imr_multiaddr=${group}, imr_interface=${place}}`;
  }
  return ints(value);
}

function filterProgram(instructions: Uint8Array): string {
  return `{len=${instructions.byteLength / 8}, filter=${SOMEWHERE}}`;
}

function optionPlace({ level, option }: { level: number; option: number }): string {
  return `${exactNameOf("level", level)}, ${optionName(level, option)}`;
}

/** The call in strace's words, without its result: the system call that libc makes for it. */
function exactCall(call: Call, { result }: CallRecord): string {
  const failed = result === -1;
  switch (call.name) {
    case "socket":
      return `socket(${exactNameOf("family", call.family)}, ${socketTypeName(call.type)}, ${protocolName(call.family, call.protocol)})`;
    case "socketpair": {
      const pair = call.fds === undefined ? SOMEWHERE : `[${call.fds.join(", ")}]`;
      return `socketpair(${exactNameOf("family", call.family)}, ${socketTypeName(call.type)}, ${call.protocol}, ${pair})`;
    }
    case "bind":
    case "connect":
      return `${call.name}(${call.fd}, ${exactAddress(call.address)}, ${call.address.byteLength})`;
    case "listen":
      return `listen(${call.fd}, ${call.backlog})`;
    case "accept": {
      const from =
        call.from === undefined ? `${SOMEWHERE}, [${call.room}]` : returned(call.from, call.room, call.fromLength);
      return `accept4(${call.fd}, ${from}, ${flagNames("sock", call.flags)})`;
    }
    case "send":
      return `sendto(${call.fd}, ${text(call.data, call.length)}, ${call.length}, ${flags(call.flags)}, NULL, 0)`;
    case "sendto":
      return `sendto(${call.fd}, ${text(call.data, call.length)}, ${call.length}, ${flags(call.flags)}, ${exactAddress(call.address)}, ${call.address.byteLength})`;
    case "recv":
      return `recvfrom(${call.fd}, ${received(call, result)}, ${call.length}, ${flags(call.flags)}, NULL, NULL)`;
    case "recvfrom": {
      const from =
        call.from === undefined ? `${SOMEWHERE}, [${call.room}]` : returned(call.from, call.room, call.fromLength);
      return `recvfrom(${call.fd}, ${received(call, result)}, ${call.length}, ${flags(call.flags)}, ${from})`;
    }
    case "shutdown":
      return `shutdown(${call.fd}, ${exactNameOf("how", call.how)})`;
    case "getsockname":
    case "getpeername": {
      const name =
        call.address === undefined
          ? `${SOMEWHERE}, [${call.room}]`
          : returned(call.address, call.room, call.addressLength);
      return `${call.name}(${call.fd}, ${name})`;
    }
    case "getsockopt": {
      const value = failed || call.value === undefined ? SOMEWHERE : optionValue(call.level, call.option, call.value);
      const length =
        call.value === undefined || call.value.byteLength === call.room
          ? `[${call.room}]`
          : `[${call.room} => ${call.value.byteLength}]`;
      return `getsockopt(${call.fd}, ${optionPlace(call)}, ${value}, ${length})`;
    }
    case "setsockopt": {
      const filter = optionByNumber(call.level, call.option)?.name === "SO_ATTACH_FILTER";
      const value = filter ? filterProgram(call.value) : optionValue(call.level, call.option, call.value);
      const length = filter ? FILTER_PROGRAM_SIZE : call.value.byteLength;
      return `setsockopt(${call.fd}, ${optionPlace(call)}, ${value}, ${length})`;
    }
    case "fcntl":
      return `fcntl(${call.fd}, ${exactNameOf("fcntl", call.command)}, ${call.argument})`;
    case "poll": {
      const entries = call.fds.map(({ fd, events }) => `{fd=${fd}, events=${flagNames("poll", events)}}`);
      return `poll([${entries.join(", ")}], ${call.fds.length}, ${call.timeout})`;
    }
    case "epoll_create1":
      return `epoll_create1(${flagNames("epollCreate", call.flags)})`;
    case "epoll_ctl": {
      const low = call.data % 0x1_0000_0000;
      // Nothing is read from memory to take a descriptor out, so strace does not look there.
      const deletes = call.op === constants.EPOLL_CTL_DEL;
      const event = deletes
        ? SOMEWHERE
        : `{events=${flagNames("epoll", call.events)}, data={u32=${low}, u64=${call.data}}}`;
      return `epoll_ctl(${call.epfd}, ${exactNameOf("epollOp", call.op)}, ${call.fd}, ${event})`;
    }
    case "epoll_wait": {
      const ready = (call.ready ?? []).map(
        ({ events, data }) => `{events=${flagNames("epoll", events)}, data={u32=${data % 0x1_0000_0000}, u64=${data}}}`,
      );
      return `epoll_wait(${call.epfd}, [${ready.join(", ")}], ${call.max}, ${call.timeout})`;
    }
    case "eventfd":
      return `eventfd2(${call.initial}, ${flagNames("eventfd", call.flags)})`;
    default:
      return `${call.name}(${call.fd})`;
  }
}

function received(call: { data?: Uint8Array; length: number }, result: number): string {
  return call.data === undefined ? SOMEWHERE : text(call.data, Math.min(result, call.length));
}

function returned(bytes: Uint8Array, room: number, length = bytes.byteLength): string {
  if (length === 0) return `${SOMEWHERE}, [${room} => 0]`;
  return `${exactAddress(bytes, length)}, ${length === room ? `[${room}]` : `[${room} => ${length}]`}`;
}

function exactResult({ call, result, errno }: CallRecord): string {
  if (result === -1) return `-1 ${errnoName(errno)} (${errnoText(errnoName(errno))})`;
  if (call.name === "poll" && result > 0) {
    const ready = call.fds.filter((entry) => entry.revents !== 0);
    return `${result} ([${ready.map(({ fd, revents }) => `{fd=${fd}, revents=${flagNames("poll", revents)}}`).join(", ")}])`;
  }
  if (call.name === "poll" && result === 0) return "0 (Timeout)";
  return String(result);
}

/** The system call as strace prints it. */
export function exactText(record: CallRecord): string {
  return `${exactCall(record.call, record)} = ${exactResult(record)}`;
}

/** The same in the lane of its handle. */
export function exactLine(handle: string, record: CallRecord): string {
  return lane(handle) + exactText(record);
}
