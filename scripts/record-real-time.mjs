import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { release } from "node:os";
import { inProject } from "./lib/project.mjs";

/*
 * node scripts/record-real-time.mjs: films what notebook 04 films, many times, and writes notebooks/recorded/real-time.json.
 *
 * Each film is the notebook's own: 100 frames of 32 bytes, one every 20 ms, over UDP and over TCP at the same time, in a network of its
 * own. All films are kept, in the order in which they ended; none is left out or made again. It takes about five minutes and wants a
 * machine with nothing else to do: the films without loss say how much of the others is the machine's own.
 */

const FRAMES = 100;
const TOO_OLD_MS = 50;
const LABS = 4;
/** How many films at which loss, in per cent. */
const FILMS = { 0: 20, 5: 60, 10: 60, 20: 60 };

const require = createRequire(inProject("notebooks", "here.cjs"));
const helpers = require("kernel-helpers");
const { AF_INET, SOCK_DGRAM, SOCK_STREAM, LOOPBACK, TCP_NODELAY } = helpers;
const { every, loseDatagrams, loseSegments, otherProcess, trace } = helpers;

/** @typedef {[frame: number, age: number][]} Ages */

/** Two cameras and their screens. @param {string} name */
async function openLab(name) {
  const lab = await otherProcess(name, { network: "own" });
  const udpScreen = await lab.socket("udp screen", AF_INET, SOCK_DGRAM);
  await udpScreen.bind(LOOPBACK, 7000);
  const udpCamera = await lab.socket("udp camera", AF_INET, SOCK_DGRAM);
  await udpCamera.connect(LOOPBACK, 7000);
  const listener = await lab.socket("listener", AF_INET, SOCK_STREAM);
  await listener.bind(LOOPBACK, 7000);
  await listener.listen(5);
  /** A new connection for each film: what TCP has learned from a bad film must not stay. */
  const connect = async () => {
    const tcpCamera = await lab.socket("tcp camera", AF_INET, SOCK_STREAM);
    await tcpCamera.connect(LOOPBACK, 7000);
    await tcpCamera.setsockopt(TCP_NODELAY, true);
    return { tcpCamera, tcpScreen: await listener.accept() };
  };
  return { lab, udpScreen, udpCamera, connect };
}

/** @typedef {import("kernel-helpers").ProcessHandle} Handle */
/** @typedef {Awaited<ReturnType<typeof openLab>>} Lab */

/** @param {Handle} camera */
const film = (camera) => every(20, FRAMES, (n) => camera.send(`${n} ${performance.now()}`.padEnd(32)));

/** @param {Handle} screen @param {number} timeout */
async function watch(screen, timeout) {
  const start = performance.now();
  /** @type {Ages} */
  const ages = [];
  while (ages.length < FRAMES) {
    const data = await screen.recv(32, 0, { timeout }).catch(() => "");
    if (data.length === 0) break;
    const [n = 0, sent = 0] = data.toString().split(" ").map(Number);
    if (sent >= start) ages.push([n, performance.now() - sent]);
  }
  return ages;
}

/** One film at this loss, in per cent. @param {Lab} lab @param {number} loss */
async function shoot({ udpScreen, udpCamera, connect }, loss) {
  const { tcpCamera, tcpScreen } = await connect();
  await loseDatagrams(udpScreen, loss / 100);
  await loseSegments(tcpScreen, loss / 100);
  const [, udp, , tcp] = await Promise.all([
    film(udpCamera),
    watch(udpScreen, 1_000),
    film(tcpCamera),
    watch(tcpScreen, 60_000),
  ]);
  if (tcp.length < FRAMES)
    throw new Error(
      `TCP has brought ${tcp.length} ${tcp.length === 1 ? "frame" : "frames"} within a minute: film it anew.`,
    );
  await tcpCamera.close();
  await tcpScreen.close();
  return { udp, tcp };
}

/** @param {Ages} ages */
const late = (ages) => ages.filter(([, age]) => age > TOO_OLD_MS).length;
/** @param {Ages} ages */
const useless = (ages) => FRAMES - ages.length + late(ages);

/** The longest wait for the next frame, in whole milliseconds. @param {Ages} ages */
function longestWait(ages) {
  const times = ages.map(([n, age]) => n * 20 + age);
  return Math.round(Math.max(...times.map((time, i) => time - (times[i - 1] ?? time))));
}

trace.off();
const wanted = Object.entries(FILMS).flatMap(([loss, count]) => Array.from({ length: count }, () => Number(loss)));
const total = wanted.length;
/** @type {Record<number, number[][]>} */
const films = Object.fromEntries(Object.keys(FILMS).map((loss) => [loss, []]));
/** @type {Ages | undefined} */
let first;

/** @param {string} name */
async function work(name) {
  const lab = await openLab(name);
  for (let loss = wanted.shift(); loss !== undefined; loss = wanted.shift()) {
    const { udp, tcp } = await shoot(lab, loss);
    if (loss === 20) first ??= tcp;
    films[loss]?.push([useless(udp), longestWait(udp), useless(tcp), longestWait(tcp)]);
    process.stdout.write(`\r${Object.values(films).flat().length} of ${total} films`);
  }
  await lab.lab.stop();
}
await Promise.all(Array.from({ length: LABS }, (_, i) => work(`lab ${i + 1}`)));

/** One film on a line, so that two recordings can be compared. @param {number[][]} rows */
const lines = (rows) => rows.map((row) => `      [${row.join(", ")}]`).join(",\n");
const text = `{
  "about": "What notebook 04-real-time films, recorded by scripts/record-real-time.mjs: 100 frames a film, one every 20 ms.",
  "recorded": ${JSON.stringify(`on Linux ${release().split("-")[0]}, ${process.arch}, both ends on the loopback interface, ${LABS} films at a time`)},
  "filmIs": "the first film over TCP at 20 % loss: [number of the frame, its age in milliseconds]",
  "film": [
${lines((first ?? []).map(([n, age]) => [n, Number(age.toFixed(1))])).replaceAll("      ", "    ")}
  ],
  "filmsAre": "all films by their loss in per cent: [of no use over UDP, longest wait in ms, of no use over TCP, longest wait in ms]",
  "films": {
${Object.entries(films)
  .map(([loss, rows]) => `    "${loss}": [\n${lines(rows)}\n    ]`)
  .join(",\n")}
  }
}
`;
writeFileSync(inProject("notebooks", "recorded", "real-time.json"), text);
console.log("\nnotebooks/recorded/real-time.json is written.");
