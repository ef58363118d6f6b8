import { CLIENT, did, failed, got, listening, payload, SERVER, streamSocket } from "./steps.mjs";

/**
 * More than one process.
 *
 * @type {import("./index.mjs").Ladders}
 */
export const processes = {
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
};
