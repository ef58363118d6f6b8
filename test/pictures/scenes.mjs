/**
 * Tiny scenes that are gallery, example and golden test at once.
 *
 * @typedef {import("../../kernel-helpers/dist/pictures/index.js").LadderScene} LadderScene
 * @typedef {import("../../kernel-helpers/dist/pictures/index.js").LadderStep} LadderStep
 * @typedef {import("../../kernel-helpers/dist/pictures/index.js").LadderOptions} LadderOptions
 */

const SERVER = "127.0.0.1:20733";
const CLIENT = "127.0.0.1:45230";

/**
 * A call that returned at once.
 * @param {string} handle
 * @param {string} call
 * @param {number} start
 * @param {Partial<LadderStep>} [more]
 * @returns {LadderStep}
 */
export function did(handle, call, start, more = {}) {
  return { handle, call, start, end: start + 0.04, result: 0, ...more };
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
  return { handle, call, start, end, waited: true, result: 0, ...more };
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
  return { handle, call, start, end: start + 0.04, result: -1, error, ...more };
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
const payload = (text) => ({ data: text, result: Buffer.byteLength(text), asked: Buffer.byteLength(text) });
/** @param {string} text */
const got = (text, asked = 1024) => ({ data: text, result: Buffer.byteLength(text), asked });

/** @param {number} [start] */
const listening = (start = 0, backlog = 5) => [
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
const connecting = (name, start, fd, local) => [
  streamSocket(name, start, fd),
  did(name, "connect", start + 0.4, { address: SERVER, local, peer: SERVER }),
];

/**
 * @param {number} start
 * @param {number} fd
 * @param {string} opened
 * @param {string} address
 */
const accepting = (start, fd, opened, address) => did("server", "accept", start, { result: fd, opened, address });

const connected = [...listening(), ...connecting("client", 1, 22, CLIENT), accepting(2, 23, "server→1", CLIENT)];

/** @type {Record<string, { what: string, scene: LadderScene, options?: LadderOptions }>} */
export const ladders = {
  connection: {
    what: "One connection, from the sockets to the end.",
    scene: {
      steps: [
        ...connected,
        did("client", "send", 2.6, payload("hello")),
        did("server→1", "recv", 3, got("hello")),
        waited("client", "recv", 3.5, 55.5, got("hello yourself")),
        did("server→1", "send", 55, payload("hello yourself")),
        did("client", "close", 57),
        did("server→1", "recv", 57.6, got("")),
        did("server→1", "close", 58),
        did("server", "close", 58.4),
      ],
    },
  },
  "server-waits": {
    what: "accept and recv wait; half a second and more without calls is cut out.",
    scene: {
      steps: [
        ...listening(),
        waited("server", "accept", 1, 2300, { result: 23, opened: "server→1", address: CLIENT }),
        ...connecting("client", 2298, 22, CLIENT),
        waited("server→1", "recv", 2301, 5600, got("at last")),
        did("client", "send", 5599.5, payload("at last")),
      ],
    },
  },
  "before-accept": {
    what: "connect and send succeed before accept; the bytes wait in the queue.",
    scene: {
      steps: [
        ...listening(),
        ...connecting("client", 1, 22, CLIENT),
        did("client", "send", 2, payload("early")),
        accepting(1200, 23, "server→1", CLIENT),
        did("server→1", "recv", 1201, got("early")),
      ],
    },
  },
  "split-and-merge": {
    what: "Five bytes sent, two and three received; two sends, one receive.",
    scene: {
      steps: [
        ...connected,
        did("client", "send", 3, payload("hello")),
        did("server→1", "recv", 3.5, got("he", 2)),
        did("server→1", "recv", 4, got("llo")),
        did("client", "send", 5, payload("ab")),
        did("client", "send", 5.5, payload("cd")),
        did("server→1", "recv", 6, got("abcd")),
        did("client", "send", 7, payload("unread")),
        did("server→1", "recv", 7.5, got("un", 2)),
      ],
    },
  },
  "two-clients": {
    what: "Two clients: three sockets in the server. A third waits to be accepted.",
    scene: {
      steps: [
        ...listening(),
        ...connecting("anna", 1, 22, "127.0.0.1:45230"),
        ...connecting("ben", 2, 23, "127.0.0.1:45231"),
        accepting(3, 24, "server→1", "127.0.0.1:45230"),
        accepting(3.5, 25, "server→2", "127.0.0.1:45231"),
        did("ben", "send", 4, payload("I am Ben")),
        did("anna", "send", 4.5, payload("I am Anna")),
        did("server→1", "recv", 5, got("I am Anna")),
        did("server→2", "recv", 5.5, got("I am Ben")),
        did("server→2", "send", 6, payload("hello Ben")),
        did("ben", "recv", 6.5, got("hello Ben")),
        ...connecting("carla", 7, 26, "127.0.0.1:45232"),
        did("carla", "send", 8, payload("anybody there?")),
      ],
    },
  },
  errors: {
    what: "Calls that fail, with the name of the errno.",
    scene: {
      steps: [
        ...listening(),
        streamSocket("rival", 2, 22),
        failed("rival", "bind", 2.5, "EADDRINUSE", { address: SERVER }),
        streamSocket("client", 4, 23),
        failed("client", "recv", 4.4, "ENOTCONN", { asked: 1024 }),
        failed("client", "connect", 5, "ECONNREFUSED", { address: "127.0.0.1:20999" }),
        waited("server", "accept", 6, 10006, { result: undefined, ended: "timeout" }),
        waited("server", "accept", 10010, 10300, { result: undefined, ended: "closed" }),
        did("server", "close", 10300.2),
      ],
    },
  },
  "half-close": {
    what: "shutdown(SHUT_WR) ends one direction; the other goes on.",
    scene: {
      steps: [
        ...connected,
        did("client", "send", 3, payload("question")),
        did("client", "shutdown", 3.5, { detail: "SHUT_WR" }),
        did("server→1", "recv", 4, got("question")),
        did("server→1", "recv", 4.5, got("")),
        did("server→1", "send", 5, payload("answer")),
        did("client", "recv", 5.5, got("answer")),
        did("server→1", "close", 6),
        did("client", "recv", 6.5, got("")),
        did("client", "close", 7),
      ],
    },
  },
  reset: {
    what: "A close with unread bytes breaks the connection.",
    scene: {
      steps: [
        ...connected,
        did("client", "send", 3, payload("never read")),
        did("server→1", "close", 4),
        failed("client", "recv", 5, "ECONNRESET", { asked: 1024 }),
        failed("client", "send", 6, "EPIPE", { data: "more", asked: 4 }),
      ],
    },
  },
  datagrams: {
    what: "One sendto is one recvfrom; one is cut off, one waits, and one finds nobody.",
    scene: {
      steps: [
        datagramSocket("mailbox", 0, 21),
        did("mailbox", "bind", 0.3, { address: SERVER, local: SERVER }),
        datagramSocket("postman", 1, 22),
        did("postman", "sendto", 1.5, { ...payload("first"), address: SERVER, local: "127.0.0.1:50001" }),
        did("postman", "sendto", 2, { ...payload("a long letter"), address: SERVER, local: "127.0.0.1:50001" }),
        did("mailbox", "recvfrom", 3, { ...got("first"), address: "127.0.0.1:50001" }),
        did("mailbox", "recvfrom", 3.5, { ...got("a lo", 4), address: "127.0.0.1:50001" }),
        did("mailbox", "sendto", 4, { ...payload("thanks"), address: "127.0.0.1:50001" }),
        did("postman", "recvfrom", 4.5, { ...got("thanks"), address: SERVER }),
        did("postman", "sendto", 5, { ...payload("not read yet"), address: SERVER, local: "127.0.0.1:50001" }),
        did("postman", "sendto", 6, {
          ...payload("is it there?"),
          address: "127.0.0.1:9999",
          local: "127.0.0.1:50001",
        }),
      ],
    },
  },
  "lost-datagrams": {
    what: "Two datagrams are dropped because the queue is full, one is lost on the way, one dies with its socket.",
    scene: {
      drops: [{ handle: "mailbox", count: 2 }],
      steps: [
        datagramSocket("mailbox", 0, 21),
        did("mailbox", "bind", 0.3, { address: SERVER, local: SERVER }),
        datagramSocket("other", 0.6, 23),
        did("other", "bind", 0.9, { address: "127.0.0.1:20734", local: "127.0.0.1:20734" }),
        datagramSocket("postman", 1, 22),
        ...["one", "two", "three", "four", "five"].map((text, index) =>
          did("postman", "sendto", 2 + index / 2, { ...payload(text), address: SERVER, local: "127.0.0.1:50001" }),
        ),
        did("postman", "sendto", 5, { ...payload("six"), address: "127.0.0.1:20734", local: "127.0.0.1:50001" }),
        did("mailbox", "recvfrom", 6, { ...got("one"), address: "127.0.0.1:50001" }),
        did("mailbox", "recvfrom", 6.5, { ...got("three"), address: "127.0.0.1:50001" }),
        did("other", "close", 7),
      ],
    },
  },
  "connected-datagrams": {
    what: "A connected datagram socket is told of the refusal one call late.",
    scene: {
      steps: [
        datagramSocket("postman", 0, 21),
        did("postman", "connect", 1, { address: "127.0.0.1:9999", local: "127.0.0.1:50001", peer: "127.0.0.1:9999" }),
        did("postman", "send", 2, { ...payload("knock"), peer: "127.0.0.1:9999", local: "127.0.0.1:50001" }),
        failed("postman", "recv", 3, "ECONNREFUSED", { asked: 1024 }),
      ],
    },
  },
  states: {
    what: "The TCP state of each socket, as the system told it after each call.",
    scene: {
      steps: [
        ...connected,
        did("client", "close", 3),
        did("server→1", "recv", 4, got("")),
        did("server→1", "close", 5),
      ],
      states: [
        { handle: "server", at: 0.1, state: "CLOSE" },
        { handle: "server", at: 0.6, state: "LISTEN" },
        { handle: "client", at: 1.1, state: "CLOSE" },
        { handle: "client", at: 1.5, state: "ESTABLISHED" },
        { handle: "server", at: 1.6, state: "LISTEN" },
        { handle: "server→1", at: 2.1, state: "ESTABLISHED" },
        { handle: "server→1", at: 3.1, state: "CLOSE_WAIT" },
        { handle: "client", at: 3.1, state: "FIN_WAIT2" },
        { handle: "client", at: 5.1, state: "TIME_WAIT" },
      ],
    },
  },
  "two-processes": {
    what: "Handles of two processes, with their pids, and cells.",
    scene: {
      steps: [
        ...listening().map((step) => ({ ...step, pid: 4711, cell: 3 })),
        { ...streamSocket("taken", 900, 21), pid: 4799, cell: 4 },
        { ...failed("taken", "bind", 901, "EADDRINUSE", { address: SERVER }), pid: 4799, cell: 5 },
        { ...did("taken", "bind", 5000, { address: "127.0.0.1:0", local: "127.0.0.1:31999" }), pid: 4799, cell: 12 },
      ],
    },
  },
  "still-waiting": {
    what: "Calls that have not returned: bars that go on to the bottom.",
    scene: {
      now: 8000,
      steps: [
        ...connected,
        { handle: "server", call: "accept", start: 3, waited: true },
        waited("server→1", "recv", 4, 50, got("let me think")),
        did("client", "send", 49.5, payload("let me think")),
        waited("client", "send", 60, 95, {
          ...payload("x"),
          result: 200000,
          asked: 500000,
          data: "xxxxxxxxxxxxxxxxxx",
        }),
        { handle: "client", call: "send", start: 96, waited: true, asked: 300000, data: "xxxxxxxxxxxxxxxxxx" },
        { handle: "client", call: "recv", start: 97, waited: true, asked: 1024 },
      ],
    },
  },
  outside: {
    what: "Other programs at the other end: arrows from and to nowhere.",
    scene: {
      steps: [
        ...listening(),
        waited("server", "accept", 1, 41, { result: 22, opened: "server→1", address: "192.168.1.7:51000" }),
        did("server→1", "recv", 42, got("GET / HTTP/1.1\r\nHost: here\r\n\r\n")),
        did("server→1", "send", 43, payload("HTTP/1.1 204 No Content\r\n\r\n")),
        streamSocket("browser", 50, 23),
        did("browser", "connect", 51, {
          address: "93.184.216.34:80",
          local: "192.168.1.2:40000",
          peer: "93.184.216.34:80",
        }),
        did("browser", "send", 52, payload("GET / HTTP/1.1\r\n\r\n")),
        did("browser", "recv", 90, got("HTTP/1.1 200 OK\r\n\r\n")),
      ],
    },
  },
  "opened-again": {
    what: "A name that is opened again begins another life in the same lane.",
    scene: {
      steps: [
        ...connected,
        did("server→1", "close", 3),
        did("server", "close", 3.5),
        streamSocket("server", 4, 24),
        did("server", "bind", 4.5, { address: SERVER, local: SERVER }),
        did("server", "getsockname", 5, { address: SERVER }),
        did("server", "setsockopt", 5.5, { detail: "SO_REUSEADDR" }),
      ],
    },
  },
  "two-networks": {
    what: "A process in a network of its own: the same addresses there are other sockets.",
    scene: {
      steps: [
        ...listening(),
        ...listening(1).map((step) => ({ ...step, handle: "theirs", pid: 4711 })),
        streamSocket("client", 2, 22),
        did("client", "connect", 2.2, { address: SERVER, local: CLIENT, peer: SERVER }),
        { ...streamSocket("inside", 3, 22), pid: 4711 },
        { ...did("inside", "connect", 3.2, { address: SERVER, local: CLIENT, peer: SERVER }), pid: 4711 },
        did("server", "accept", 4, { result: 23, opened: "server→1", address: CLIENT }),
        { ...did("theirs", "accept", 5, { result: 23, opened: "theirs→1", address: CLIENT }), pid: 4711 },
      ].map((step) => ({ pid: 4700, ...step })),
      networks: [{ pid: 4711, network: "net:[4026532000]" }],
    },
  },
  "process-ended": {
    what: "A process is killed: the system closes its sockets, and what waits there is never received.",
    scene: {
      steps: [
        ...listening().map((step) => ({ ...step, pid: 4711 })),
        streamSocket("client", 1, 22),
        did("client", "connect", 1.2, { address: SERVER, local: CLIENT, peer: SERVER }),
        { ...did("server", "accept", 2, { result: 23, opened: "server→1", address: CLIENT }), pid: 4711 },
        { ...did("server→1", "send", 2.5, payload("last words")), pid: 4711 },
        did("client", "recv", 3, got("last words")),
        did("client", "recv", 12, { result: 0, asked: 1024, data: "" }),
      ].map((step) => ({ pid: 4700, ...step })),
      ends: [
        { handle: "server", pid: 4711, fd: 21, at: 9, how: "was ended by SIGKILL" },
        { handle: "server→1", pid: 4711, fd: 23, at: 9, how: "was ended by SIGKILL" },
        { handle: "nobody's", pid: 4711, fd: 24, at: 9, how: "was ended by SIGKILL" },
      ],
      states: [
        { handle: "server→1", pid: 4711, at: 2.1, state: "ESTABLISHED" },
        { handle: "client", pid: 4700, at: 9.1, state: "CLOSE_WAIT" },
        { handle: "server→1", pid: 4711, at: 13, state: "FIN_WAIT2" },
      ],
    },
  },
  hostile: {
    what: "Names and bytes that try to break out of the picture.",
    scene: {
      steps: [
        streamSocket("</text></svg><script>alert(1)</script>", 0, 21),
        streamSocket("\u202egnp.exe\u0000\ud800 \u{1f600}漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", 1, 22),
        did(
          "\u202egnp.exe\u0000\ud800 \u{1f600}漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
          "send",
          2,
          payload("</svg><script>alert(1)</script>"),
        ),
        failed("</text></svg><script>alert(1)</script>", "bind", 3, "E<\"&'>", {
          address: `unix:/${"very-long-".repeat(30)}`,
        }),
        did("</text></svg><script>alert(1)</script>", "recv", 4, {
          data: [0, 27, 255, 34, 39, 60, 38],
          result: 7,
          asked: 1024,
        }),
      ],
    },
  },
};

/** @param {number} calls */
export function longConversation(calls) {
  /** @type {LadderStep[]} */
  const steps = [...connected];
  for (let round = 0; steps.length < calls; round += 1) {
    const at = 10 + round * 3;
    const text = `message ${round}`;
    steps.push(did("client", "send", at, payload(text)), did("server→1", "recv", at + 1, got(text)));
  }
  return { steps: steps.slice(0, calls) };
}

ladders["last-calls"] = {
  what: "The last six of five hundred calls.",
  scene: longConversation(500),
  options: { last: 6 },
};
ladders["only-some"] = {
  what: "Only the server's side.",
  scene: { steps: ladders.connection?.scene.steps ?? [] },
  options: { only: ["server", "server→1"] },
};
