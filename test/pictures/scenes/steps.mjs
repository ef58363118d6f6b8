/**
 * The calls of which the scenes are made.
 *
 * @typedef {import("../../../kernel-helpers/dist/conversation/index.js").ConversationStep} LadderStep
 */

/**
 * What the calls are in a conversation, as their own files say it: test/unit/conversation/from-steps.test.ts holds it against them.
 *
 * @type {Readonly<Record<string, Partial<LadderStep>>>}
 */
export const MEANS = {
  socket: { means: "opens" },
  bind: { means: "binds" },
  listen: { means: "listens" },
  connect: { means: "connects", actsAtOnce: true },
  accept: { means: "accepts", told: "←" },
  send: { means: "sends" },
  sendto: { means: "sends" },
  recv: { means: "receives" },
  recvfrom: { means: "receives", told: "←" },
  shutdown: { means: "shuts", shuts: "sending" },
  close: { means: "closes" },
  getsockname: { means: "tells local", told: "→" },
  getpeername: { means: "tells peer", told: "→" },
  setsockopt: { means: "sets" },
};

export const SERVER = "127.0.0.1:20733";
export const CLIENT = "127.0.0.1:45230";

/**
 * A call that returned at once.
 * @param {string} handle
 * @param {string} call
 * @param {number} start
 * @param {Partial<LadderStep>} [more]
 * @returns {LadderStep}
 */
export function did(handle, call, start, more = {}) {
  return { handle, call, ...MEANS[call], start, end: start + 0.04, result: 0, ...more };
}

/**
 * A call that waited from `start` to `end`.
 * @param {string} handle
 * @param {string} call
 * @param {number} start
 * @param {number} end
 * @param {Partial<LadderStep>} [more]
 * @returns {LadderStep}
 */
export function waited(handle, call, start, end, more = {}) {
  return { handle, call, ...MEANS[call], start, end, waited: true, result: 0, ...more };
}

/**
 * @param {string} handle
 * @param {string} call
 * @param {number} start
 * @param {string} error
 * @param {Partial<LadderStep>} [more]
 * @returns {LadderStep}
 */
export function failed(handle, call, start, error, more = {}) {
  return { handle, call, ...MEANS[call], start, end: start + 0.04, result: -1, error, ...more };
}

/**
 * @param {string} handle
 * @param {number} start
 * @param {number} fd
 * @returns {LadderStep}
 */
export const streamSocket = (handle, start, fd) =>
  did(handle, "socket", start, { detail: "AF_INET SOCK_STREAM", kind: "stream", result: fd, fd });

/**
 * @param {string} handle
 * @param {number} start
 * @param {number} fd
 * @returns {LadderStep}
 */
export const datagramSocket = (handle, start, fd) =>
  did(handle, "socket", start, { detail: "AF_INET SOCK_DGRAM", kind: "datagram", result: fd, fd });

/** @param {string} text */
export const payload = (text) => ({ data: text, result: Buffer.byteLength(text), asked: Buffer.byteLength(text) });
/** @param {string} text */
export const got = (text, asked = 1024) => ({ data: text, result: Buffer.byteLength(text), asked });

/** @param {number} [start] */
export const listening = (start = 0, backlog = 5) => [
  streamSocket("server", start, 21),
  did("server", "bind", start + 0.3, { address: SERVER, local: SERVER }),
  did("server", "listen", start + 0.5, { detail: `${backlog}`, local: SERVER }),
];

/**
 * @param {string} name
 * @param {number} start
 * @param {number} fd
 * @param {string} local
 */
export const connecting = (name, start, fd, local) => [
  streamSocket(name, start, fd),
  did(name, "connect", start + 0.4, { address: SERVER, local, peer: SERVER }),
];

/**
 * @param {number} start
 * @param {number} fd
 * @param {string} opened
 * @param {string} address
 */
export const accepting = (start, fd, opened, address) =>
  did("server", "accept", start, { result: fd, opened, address });

export const connected = [...listening(), ...connecting("client", 1, 22, CLIENT), accepting(2, 23, "server→1", CLIENT)];
