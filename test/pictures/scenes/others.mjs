import { connected, did, failed, got, listening, MEANS, payload, SERVER, streamSocket, waited } from "./steps.mjs";

/**
 * What is seen in part, again, or out of malice.
 *
 * @type {import("./index.mjs").Ladders}
 */
export const others = {
  "still-waiting": {
    what: "Calls that have not returned: bars that go on to the bottom.",
    scene: {
      now: 8000,
      steps: [
        ...connected,
        { handle: "server", call: "accept", ...MEANS.accept, start: 3, waited: true },
        waited("server→1", "recv", 4, 50, got("let me think")),
        did("client", "send", 49.5, payload("let me think")),
        waited("client", "send", 60, 95, {
          ...payload("x"),
          result: 200000,
          asked: 500000,
          data: "xxxxxxxxxxxxxxxxxx",
        }),
        {
          handle: "client",
          call: "send",
          ...MEANS.send,
          start: 96,
          waited: true,
          asked: 300000,
          data: "xxxxxxxxxxxxxxxxxx",
        },
        { handle: "client", call: "recv", ...MEANS.recv, start: 97, waited: true, asked: 1024 },
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
