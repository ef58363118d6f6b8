import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { badValues, detached, faultOf, hostileValues, lying } from "../../support/bad-values.js";
import { checkedHeap } from "../../support/checked-heap.js";
import { PROJECT } from "../../support/child.js";
import { PATIENCE_MS } from "../../support/time.js";
import { Random } from "../random.js";
import { argumentsOf } from "./names.js";

/** An error that a call was refused with. */
export interface Refusal {
  /** What was called: "calls.send", "stream.recv", "plot". */
  readonly target: string;
  /** At which place the wrong value was, from 0; -1 when there were two. */
  readonly place: number;
  readonly name?: string;
  readonly code?: string;
  readonly message: string;
}

export interface Attacked {
  /** What was called. */
  readonly reached: string[];
  readonly attempts: number;
  readonly refused: number;
  readonly errors: Refusal[];
  /** What must not happen, each with what it was. */
  readonly faults: string[];
}

/** An argument is wrong. What the system refuses says so by its errno. */
const WRONG = new Set(["TypeError", "RangeError"]);

/** The values as text of a program, which has no TypeScript. */
const VALUES = [lying, detached, badValues, hostileValues, Random].join("\n");

/** The letters that are sent on purpose: the data of all values is x, and there is one text of control characters. */
const ON_PURPOSE = new Set([...Buffer.from("x\r\x1b[2J\u009b\u202e")]);

/** Peers of everything that is sent: they look at each byte, and have something to receive for whoever comes. */
async function peers(faults: string[]) {
  let got = 0;
  const look = (data: Buffer): void => {
    got += data.byteLength;
    const at = data.findIndex((byte) => !ON_PURPOSE.has(byte));
    if (at >= 0 && faults.length < 20)
      faults.push(`leaked: ${data.subarray(Math.max(0, at - 20), at + 40).toString("latin1")}`);
  };
  const open = new Set<Socket>();
  const server = createServer((peer) => {
    open.add(peer);
    peer.on("data", look).on("error", () => {});
    peer.on("close", () => open.delete(peer));
    peer.write(Buffer.alloc(5000, "y"));
  }).listen(0, "127.0.0.1");
  const box = createSocket("udp4").on("message", (data, from) => {
    look(data);
    box.send(Buffer.alloc(100, "y"), from.port, from.address, () => {});
  });
  box.bind(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(box, "listening")]);
  return {
    port: (server.address() as AddressInfo).port,
    box: box.address().port,
    got: () => got,
    close: () => {
      for (const peer of open) peer.destroy();
      server.close();
      box.close();
    },
  };
}

/**
 * Calls everything with wrong values in a process whose heap the system checks.
 *
 * @param each how many of the wrong values are put into each place
 * @param only what is called begins so; everything when left out
 */
export async function attack(
  seed: number,
  each: number,
  { only, limit = 10 * PATIENCE_MS }: { only?: string; limit?: number } = {},
): Promise<Attacked> {
  const faults: string[] = [];
  const peer = await peers(faults);
  const task = { seed, each: Math.min(each, 1000), only, port: peer.port, box: peer.box, values: VALUES };
  const child = spawn(process.execPath, ["--expose-gc", "test/soak/arguments/program.mjs", JSON.stringify(task)], {
    cwd: PROJECT,
    env: { ...process.env, ...checkedHeap() },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  let told: (Attacked & { checked: boolean; sent: number }) | undefined;
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  child.on("message", (message) => {
    told = message as typeof told;
  });
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  peer.close();
  // What glibc finds it says, and ends the process.
  if (code !== 0 || errors !== "") faults.push(`the process ended with ${signal ?? code}: ${errors.slice(0, 2000)}`);
  if (told === undefined) return { reached: [], attempts: 0, refused: 0, errors: [], faults };
  if (!told.checked) faults.push("the heap was not checked: libc_malloc_debug was not loaded");
  if (peer.got() === 0 && only === undefined) faults.push("the peers got nothing");
  return { ...told, faults: [...faults, ...told.faults, ...told.errors.flatMap(wordsOf)] };
}

/** What is wrong with the words of an error: whose words they are not, or that they do not tell which argument is wrong. */
function wordsOf({ target, place, name, message }: Refusal): string[] {
  const fault = name === undefined ? message : faultOf(Object.assign(new Error(message), { name }));
  if (fault !== undefined) return [`${target}, argument ${place + 1}: ${fault}`];
  const words = argumentsOf(target)?.[place];
  // In another process it is the number of the argument; and what a datagram socket cannot do, it says of itself.
  const tells =
    words === undefined ||
    !WRONG.has(name!) ||
    words.test(message) ||
    message.startsWith(`Argument ${place + 1} of `) ||
    target === "box.recvExactly";
  return tells ? [] : [`${target}, argument ${place + 1} is not told: ${message.slice(0, 300)}`];
}
