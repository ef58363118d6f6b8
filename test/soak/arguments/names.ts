/** By which words an error tells that an argument is meant: its name, or what is in it. */
const WORDS: Readonly<Record<string, RegExp>> = {
  address: /address|family|path|port|\bdata\b|length/i,
  // Its length, which is told apart, can be what does not fit.
  buffer: /buffer|length/i,
  data: /\bdata\b|length/i,
  fd: /\bfd\b|descriptor/i,
  entries: /entries|events|\bfd\b/i,
  event: /\bevents?\b|\bdata\b/i,
  handle: /handle/i,
  length: /length|bytes/i,
  message: /message|\bdata\b|address|control|port/i,
  options:
    /options|timeout|flags|signal|protocol|network|within|\bport\b|\btype\b|\blast\b|address|backlog|most|print/i,
  value: /value|SO_RCVBUF|bytes/i,
};

/** The arguments of the calls on numbers, in their order. */
const CALLS: Readonly<Record<string, string>> = {
  accept: "fd flags",
  bind: "fd address length",
  close: "fd",
  connect: "fd address length",
  dup: "fd",
  epoll_create1: "flags",
  epoll_ctl: "epfd op fd event",
  epoll_wait: "epfd max timeout",
  fcntl: "fd command argument",
  getpeername: "fd",
  getsockname: "fd",
  getsockopt: "fd level option room",
  setsockopt: "fd level option value length",
  listen: "fd backlog",
  poll: "entries timeout",
  recv: "fd buffer length flags",
  recvfrom: "fd buffer length flags",
  recvmsg: "fd buffer flags room",
  send: "fd data length flags",
  sendto: "fd data address length flags",
  sendmsg: "fd message flags",
  shutdown: "fd how",
  socket: "family type protocol",
  socketpair: "family type protocol",
};

/** Those of the methods of a handle. */
const METHODS: Readonly<Record<string, string>> = {
  bind: "address port",
  listen: "backlog",
  accept: "options",
  connect: "address port options",
  send: "data flags options",
  sendAll: "data options",
  recv: "length flags options",
  recvExactly: "length options",
  sendto: "data address port options",
  recvfrom: "length flags options",
  sendmsg: "message flags options",
  recvmsg: "length flags options",
  shutdown: "how",
  getsockopt: "option",
  setsockopt: "option value",
};

/** In these states of a handle only the wrong argument is wrong. */
const HANDLES = new Set(["stream", "listener", "box", "there"]);

const OTHERS: Readonly<Record<string, string>> = {
  socket: "name family type options",
  serve: "name options function",
  "process.socket": "name family type options",
  "process.kill": "signal",
  "server.stop": "options",
  "trace.steps": "steps",
  "trace.records": "process",
  "trace.silently": "function",
  addressBytes: "address port",
  attempt: "function",
  choosePort: "name",
  datagrams: "handle",
  hexdump: "bytes",
  htonl: "number",
  htons: "number",
  loseDatagrams: "handle probability",
  // Its handle is one for datagrams.
  loseSegments: "handle",
  ntohl: "number",
  ntohs: "number",
  states: "handle",
};

/** For each place of what is called, the words by which an error tells that it is meant; undefined where that is left open. */
export function argumentsOf(target: string): RegExp[] | undefined {
  const [group, method] = target.split(".") as [string, string?];
  const names =
    group === "calls" ? CALLS[method!] : method !== undefined && HANDLES.has(group) ? METHODS[method] : OTHERS[target];
  return names?.split(" ").map((name) => WORDS[name] ?? new RegExp(`\\b${name}\\b`, "i"));
}
