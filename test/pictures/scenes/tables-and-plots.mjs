/** Tiny scenes of the pictures that are no ladders: each a function that draws one. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** @type {typeof import("../../../kernel-helpers/dist/pictures/index.js")} */
const { addressPicture, statesDiagram } = require("../../../kernel-helpers/dist/pictures/index.js");
/** @type {typeof import("../../../kernel-helpers/dist/pictures/plot/plot.js")} */
const { plotPicture } = require("../../../kernel-helpers/dist/pictures/plot/plot.js");
/** @type {typeof import("../../../kernel-helpers/dist/bytes/index.js")} */
const { encodeSockaddr } = require("../../../kernel-helpers/dist/bytes/index.js");
/** @type {typeof import("../../../kernel-helpers/dist/facts/index.js")} */
const { factsOf } = require("../../../kernel-helpers/dist/facts/index.js");

const linux = factsOf("linux-x64");
const mac = factsOf("darwin-arm64");
/** @type {import("../../../kernel-helpers/dist/bytes/index.js").SocketAddress} */
const ipv4 = { family: "AF_INET", address: "127.0.0.1", port: 20733 };
/** @type {import("../../../kernel-helpers/dist/bytes/index.js").SocketAddress} */
const ipv6 = { family: "AF_INET6", address: "fe80::1", port: 8080, flowinfo: 0, scopeId: 2 };
const longest = new Uint8Array(110);
longest.set(encodeSockaddr({ family: "AF_UNIX", path: "/tmp/workshop.sock" }, linux));

const frames = Array.from({ length: 250 }, (_, frame) => frame);
/** Numbers that look like chance and are the same on every run. @param {number} n */
const noise = (n) => ((n * 7919) % 101) / 101;

/** @type {Record<string, { what: string, draw: () => import("../../../kernel-helpers/dist/pictures/index.js").Picture }>} */
export const others = {
  "states-client": {
    what: "The states of a client that closed first.",
    draw: () => statesDiagram(["CLOSE", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE"]),
  },
  "states-server": {
    what: "An accepted socket, first seen when it was connected, whose program has not closed.",
    draw: () => statesDiagram(["ESTABLISHED", "CLOSE_WAIT"]),
  },
  "states-skipped": {
    what: "Nobody looked while it connected.",
    draw: () => statesDiagram(["CLOSE", "ESTABLISHED"]),
  },
  "states-none": { what: "A socket nobody has looked at.", draw: () => statesDiagram([]) },
  "address-ipv4": { what: "16 bytes.", draw: () => addressPicture(encodeSockaddr(ipv4, linux), linux) },
  "address-ipv6": { what: "28 bytes.", draw: () => addressPicture(encodeSockaddr(ipv6, linux), linux) },
  "address-unix": { what: "110 bytes.", draw: () => addressPicture(longest, linux) },
  "address-abstract": {
    what: "A name that is no file.",
    draw: () => addressPicture(encodeSockaddr({ family: "AF_UNIX", path: "\0</text><script>\u202e" }, linux), linux),
  },
  "address-mac": {
    what: "The same on macOS, with a byte of length.",
    draw: () => addressPicture(encodeSockaddr(ipv6, mac), mac),
  },
  "address-short": { what: "One byte is no address.", draw: () => addressPicture(new Uint8Array([2]), linux) },
  "plot-age": {
    what: "Two series told apart by line and dots.",
    draw: () =>
      plotPicture({
        title: "Age of every frame when it is shown, 10 % loss",
        x: { label: "time", unit: "s" },
        y: { label: "age", unit: "ms" },
        lines: [
          { name: "TCP", points: frames.map((n) => [n / 50, n % 60 < 12 ? 230 - (n % 60) * 19 : 0.3 + noise(n)]) },
        ],
        dots: [{ name: "UDP", points: frames.map((n) => [n / 50, n % 10 === 3 ? Number.NaN : 20 + noise(n)]) }],
      }),
  },
  "plot-histogram": {
    what: "Two histograms on a log axis.",
    draw: () =>
      plotPicture({
        title: "Round trips",
        x: { label: "time of one round trip", unit: "ms", scale: "log" },
        histogram: [
          { name: "one client", values: frames.map((n) => 0.03 * Math.exp(noise(n) * 2)) },
          { name: "ten thousand clients", values: frames.map((n) => 0.1 * Math.exp(noise(n) * 5)) },
        ],
      }),
  },
  "plot-many": {
    what: "Six series on a log axis, and names that need more room than there is.",
    draw: () =>
      plotPicture({
        title: "Bytes in the queues </title><script>",
        x: { label: "send" },
        y: { label: "bytes", scale: "log" },
        lines: ["send queue", "receive queue", "third", "fourth, with a very long name that is cut", "<e>", "f"].map(
          (name, index) => ({ name, points: Array.from({ length: 40 }, (_, n) => [n, Math.exp(n / 4 + index / 3)]) }),
        ),
      }),
  },
  "plot-empty": {
    what: "No values.",
    draw: () =>
      plotPicture({
        title: "Nothing yet",
        x: { label: "time", unit: "s" },
        y: { label: "age", unit: "ms" },
        lines: [{ name: "TCP", points: [] }],
      }),
  },
};

/** @type {import("../../../kernel-helpers/dist/pictures/index.js").SocketTableRow[]} */
export const tableRows = [
  {
    protocol: "tcp",
    local: "127.0.0.1:45231",
    peer: "127.0.0.1:20733",
    state: "TIME_WAIT",
    receiveQueue: 0,
    sendQueue: 0,
  },
  {
    protocol: "udp",
    local: "127.0.0.1:20733",
    owner: "another process, pid 4711 <b>python3</b>",
    receiveQueue: 212992,
    sendQueue: 0,
    drops: 1908,
  },
  {
    handle: "server",
    fd: 21,
    protocol: "tcp",
    local: "127.0.0.1:20733",
    peer: "0.0.0.0:0",
    state: "LISTEN",
    backlog: { waiting: 2, limit: 1 },
  },
  {
    handle: "client",
    fd: 22,
    protocol: "tcp",
    local: "127.0.0.1:45230",
    peer: "127.0.0.1:20733",
    state: "ESTABLISHED",
    receiveQueue: 0,
    sendQueue: 1234567,
  },
];
