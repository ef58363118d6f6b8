/**
 * For everything that can be called, arguments that are right: a test puts wrong ones in their places. Descriptor 9999 is not open.
 *
 * @typedef {typeof import("kernel-helpers")} Helpers
 * @typedef {Record<string, unknown[]>} Arguments
 */

const once = { timeout: 0 };

/**
 * For each call on numbers.
 *
 * @param {Helpers} k
 * @param {number} fd
 * @param {{ address?: string, port?: number, epfd?: number }} peer where what is sent goes; an epoll set
 * @returns {Arguments}
 */
export function rightCalls(k, fd, { address = k.LOOPBACK, port = 9, epfd = 9999 } = {}) {
  const at = { family: "AF_INET", address, port };
  return {
    accept: [fd, 0],
    bind: [fd, at, 16],
    close: [9999],
    connect: [fd, at, 16],
    dup: [9999],
    epoll_create1: [0],
    epoll_ctl: [9999, k.EPOLL_CTL_ADD, fd, { events: 1, data: 1 }],
    epoll_wait: [epfd, 1, 0],
    fcntl: [fd, k.F_GETFD, 0],
    getpeername: [fd],
    getsockname: [fd],
    getsockopt: [fd, k.SOL_SOCKET, k.SO_TYPE, 4],
    setsockopt: [fd, k.SOL_SOCKET, k.SO_RCVBUF, 8000, 4],
    listen: [fd, 1],
    poll: [[{ fd, events: 1 }], 0],
    recv: [fd, Buffer.alloc(8), 8, k.MSG_DONTWAIT],
    recvfrom: [fd, Buffer.alloc(8), 8, k.MSG_DONTWAIT],
    recvmsg: [fd, Buffer.alloc(8), k.MSG_DONTWAIT, 64],
    send: [fd, "x", 1, k.MSG_DONTWAIT],
    sendto: [fd, "x", at, 1, k.MSG_DONTWAIT],
    sendmsg: [fd, { data: "x", address: at }, k.MSG_DONTWAIT],
    shutdown: [9999, k.SHUT_WR],
    socket: [k.AF_INET, k.SOCK_DGRAM, 0],
    socketpair: [k.AF_UNIX, k.SOCK_DGRAM, 0],
  };
}

/**
 * For the methods of a handle.
 *
 * @param {Helpers} k
 * @param {number} port where what is sent goes
 * @returns {Arguments}
 */
export function rightMethods(k, port = 9) {
  return {
    bind: [k.LOOPBACK, 0],
    listen: [1],
    accept: [once],
    connect: [k.LOOPBACK, port, once],
    send: ["x", k.MSG_DONTWAIT, once],
    sendAll: ["x", once],
    recv: [8, k.MSG_DONTWAIT, once],
    recvExactly: [8, once],
    sendto: ["x", k.LOOPBACK, port, once],
    recvfrom: [8, k.MSG_DONTWAIT, once],
    sendmsg: [{ data: "x", address: k.LOOPBACK, port }, k.MSG_DONTWAIT, once],
    recvmsg: [8, k.MSG_DONTWAIT, once],
    shutdown: [k.SHUT_WR],
    getsockopt: [k.SO_TYPE],
    setsockopt: [k.SO_RCVBUF, 8000],
  };
}

export const PLOT = { title: "title", x: { label: "x" }, lines: [{ name: "line", points: [[1, 2]] }] };

/**
 * For what else can be imported; undefined stands for a handle.
 *
 * @param {Helpers} k
 * @returns {Arguments}
 */
export function rightFunctions(k) {
  return {
    htons: [1],
    htonl: [1],
    ntohs: [1],
    ntohl: [1],
    hexdump: [Buffer.alloc(1)],
    every: [0, 0, () => {}, 0],
    attempt: [() => {}],
    check: ["it is so", true],
    inOrder: ["server accept"],
    loseDatagrams: [undefined, 0.1],
    loseSegments: [undefined, 0.1],
    socket: ["name", k.AF_INET, k.SOCK_DGRAM, {}],
    choosePort: ["name"],
    closeAll: [],
    datagrams: [undefined],
    serve: ["name", { port: 0 }, () => {}],
    otherProcess: [],
    addressBytes: [k.LOOPBACK, 80],
    handles: [],
    ladder: [{ last: 1 }],
    livePlot: [PLOT],
    panel: [],
    plot: [PLOT],
    sockets: [],
    states: [undefined],
  };
}

/** For the trace. */
export const RIGHT_FOR_TRACE = {
  short: [],
  exact: [],
  off: [],
  silently: [() => {}],
  steps: [1],
  records: [1],
  clear: [],
};
