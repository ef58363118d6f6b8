import {
  accepting,
  CLIENT,
  connected,
  connecting,
  did,
  failed,
  got,
  listening,
  payload,
  SERVER,
  streamSocket,
  waited,
} from "./steps.mjs";

/**
 * Connections, and what goes over them.
 *
 * @type {import("./index.mjs").Ladders}
 */
export const streams = {
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
  "four-lanes": {
    what: "Three connections and three messages wait at once beside letters, in four lanes.",
    scene: {
      steps: [
        ...listening(),
        ...["anna", "ben", "cora"].flatMap((name, n) => [
          ...connecting(name, 1 + n, 22 + n, `127.0.0.1:4523${n}`),
          did(name, "send", 1.6 + n, payload(`I am ${name}, hello`)),
        ]),
        did("server", "getsockname", 5, { address: SERVER }),
        did("server", "setsockopt", 5.5, { detail: "SO_REUSEADDR" }),
      ],
    },
  },
  "five-lanes": {
    what: "The same in five lanes: two are accepted, and answered twice before they receive.",
    scene: {
      steps: [
        ...listening(),
        ...connecting("anna", 1, 22, "127.0.0.1:45230"),
        ...connecting("ben", 2, 23, "127.0.0.1:45231"),
        did("server", "setsockopt", 2.5, { detail: "SO_REUSEADDR 1" }),
        did("server", "getsockname", 2.8, { address: SERVER }),
        accepting(3, 24, "server→1", "127.0.0.1:45230"),
        accepting(3.5, 25, "server→2", "127.0.0.1:45231"),
        did("server→1", "send", 4, payload("hello")),
        did("server→1", "send", 4.3, payload("Anna")),
        did("server→2", "send", 4.6, payload("hello")),
        did("server→2", "send", 4.9, payload("Ben")),
        did("anna", "send", 5, payload("127.0.0.1")),
        did("anna", "send", 5.3, payload("127.0.0.1")),
        did("server→1", "getpeername", 5.6, { address: "127.0.0.1:45230" }),
        did("anna", "getsockname", 5.8, { address: "127.0.0.1:45230" }),
        did("ben", "getsockname", 6, { address: "127.0.0.1:45231" }),
        did("server→1", "recv", 6.3, got("127.0.0.1127.0.0.1")),
        did("anna", "recv", 6.6, got("helloAnna")),
        did("ben", "recv", 6.9, got("helloBen")),
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
};
