import { datagramSocket, did, failed, got, payload, SERVER } from "./steps.mjs";

/**
 * Datagrams: received, cut, lost, dropped.
 *
 * @type {import("./index.mjs").Ladders}
 */
export const datagrams = {
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
      drops: [{ handle: "mailbox", count: 3 }],
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
};
