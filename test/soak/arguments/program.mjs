// @ts-nocheck: what is called here with wrong values is not to be checked.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { RIGHT_FOR_TRACE, rightCalls, rightFunctions, rightMethods } from "../../support/right-arguments.mjs";

/*
 * Puts wrong values into every place of everything that can be called, in this process, whose heap the system checks: see run.ts, which
 * starts it, has the peers to which all goes that is sent, and judges what is told here.
 */

const { seed, each, only, port: tcp, box: udp, values } = JSON.parse(process.argv[2]);
const k = createRequire(import.meta.url)("kernel-helpers");
const { reactor } = createRequire(import.meta.url)("kernel-helpers/dist/readiness/index.js");
const { Random, badValues, hostileValues } = new Function(`${values}; return { Random, badValues, hostileValues };`)();
const { calls, AF_INET, AF_INET6, LOOPBACK, SOCK_DGRAM, SOCK_STREAM, SOCK_NONBLOCK } = k;
const random = new Random(seed);
k.trace.off();

const inet = (port) => ({ family: "AF_INET", address: LOOPBACK, port });
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** What may wait is not waited for; what another process answers takes longer. */
const settled = (value, ms) =>
  Promise.race([
    value,
    ms === 0
      ? turn()
          .then(turn)
          .then(() => WAITS)
      : new Promise((resolve) => setTimeout(resolve, ms, WAITS).unref()),
  ]);
const WAITS = Symbol("it waits");

/** How many bytes a value really has, whatever it says when it is asked; undefined for what is no data. */
const own = (object, name) => Object.getOwnPropertyDescriptor(object, name).get;
const lengths = [
  own(Object.getPrototypeOf(Uint8Array.prototype), "byteLength"),
  own(DataView.prototype, "byteLength"),
  own(ArrayBuffer.prototype, "byteLength"),
  own(SharedArrayBuffer.prototype, "byteLength"),
];
function trueLength(value) {
  if (typeof value === "string") return Buffer.byteLength(value);
  for (const length of lengths) {
    try {
      return length.call(value);
    } catch {
      // Another kind.
    }
  }
  try {
    return trueLength(value.data);
  } catch {
    return undefined;
  }
}

/** All memory that could be sent has the letter x in it: whatever else arrives is nobody's to send. */
function lettered(value) {
  for (const [kind, whole] of [
    [ArrayBuffer, (buffer) => buffer],
    [SharedArrayBuffer, (buffer) => buffer],
    [Uint8Array, ({ buffer }) => buffer],
    [Float32Array, ({ buffer }) => buffer],
    [DataView, ({ buffer }) => buffer],
  ]) {
    try {
      if (Object.getPrototypeOf(value) === kind.prototype) new Uint8Array(whole(value)).fill(0x78);
    } catch {
      // It was moved away, or does not let itself be asked.
    }
  }
  return value;
}

/** Numbers that a length could be, and of which only the memory that it is for tells that they are too long. */
const TOO_LONG = [9, 100, 5000, 100_000];
const bad = () => [...TOO_LONG, ...[...badValues(), ...hostileValues()].map(lettered)];
const COUNT = bad().length;
/** So many different ones of all; where a number belongs, those that are too long are always among them. */
function chosen(count, right) {
  const left = Array.from({ length: COUNT }, (_, i) => i);
  if (typeof right === "number") {
    const first = left.splice(0, TOO_LONG.length);
    return [...first, ...taken(left, count - first.length)];
  }
  return taken(left, count);
}

function taken(left, count) {
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0]);
}

function open() {
  const all = new Map();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (
        target.startsWith("socket:") ||
        target.startsWith("anon_inode:[eventp") ||
        target.startsWith("anon_inode:[eventf")
      )
        all.set(Number(fd), target);
    } catch {
      // That of the listing itself.
    }
  }
  return all;
}

const told = { errors: new Map(), reached: [], faults: [], attempts: 0, refused: 0, sent: 0 };
process.on("uncaughtException", (error) => told.faults.push(`uncaught: ${error?.stack ?? String(error)}`));
process.on("unhandledRejection", (error) => told.faults.push(`unhandled: ${error?.stack ?? String(error)}`));

function tell(target, place, index, error) {
  told.refused += 1;
  const isError = error instanceof Error;
  const message = isError ? `${error.message}` : `thrown: ${typeof error}`;
  const key = `${target} ${place} ${message.replace(/\d+/g, "#").slice(0, 200)}`;
  if (!told.errors.has(key))
    told.errors.set(key, { target, place, index, name: isError ? error.name : undefined, code: error?.code, message });
}

/**
 * Tries every place of one function.
 *
 * @param make makes what is called, and what is to be done with what it returns; anew for each place
 */
async function attack(target, right, make, { wait = 0, skip = () => false, keeps = false } = {}) {
  if (only !== undefined && !target.startsWith(only)) return;
  const before = open();
  const waitsBefore = reactor().pending().length;
  for (let place = 0; place < Math.max(right.length, 1); place++) {
    for (const index of chosen(each, right[place])) {
      const value = bad()[index];
      if (skip(value, place)) continue;
      const made = await make();
      const args = right.length === 0 ? [value] : [...(made.args ?? right)];
      args[place] = value;
      // Now and then two are wrong at once.
      const other = random.below(args.length);
      const single = other === place || !random.chance(0.1);
      if (!single) args[other] = bad()[random.below(COUNT)];
      told.attempts += 1;
      try {
        const result = await settled(made.call(...args), wait);
        made.after?.(result);
        const data = made.data === undefined ? undefined : trueLength(args[made.data]);
        if (typeof result === "number" && made.data !== undefined) {
          told.sent += result;
          if (data === undefined || result > data) told.faults.push(`${target} sent ${result} bytes of ${data}`);
        }
      } catch (error) {
        tell(target, single ? place : -1, index, error);
      }
      await made.end?.();
    }
  }
  // It would end another process, too.
  if (!keeps) k.closeAll();
  k.trace.off();
  k.trace.clear();
  // A program that was ended, and what other threads close, goes a moment later.
  const left = () => [...open()].filter(([fd, inode]) => before.get(fd) !== inode);
  for (let i = 0; i < 500 && (left().length > 0 || reactor().pending().length > waitsBefore); i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  if (left().length > 0) told.faults.push(`${target} left open: ${left()}`);
  const gone = [...before].filter(([fd, inode]) => open().get(fd) !== inode);
  if (gone.length > 0) told.faults.push(`${target} closed what was not its own: ${gone}`);
  const waits = reactor().pending().length - waitsBefore;
  if (waits > 0) told.faults.push(`${target} left ${waits} waits pending`);
  told.reached.push(target);
  globalThis.gc();
}

const DATA = { send: 0, sendto: 0, sendmsg: 0 };
const OPENS = new Set(["socket", "socketpair", "dup", "epoll_create1", "accept"]);

async function numbers() {
  for (const name of Object.keys(rightCalls(k, 0))) {
    await attack(`calls.${name}`, rightCalls(k, 0)[name], () => {
      // Connected to the peer, with something to receive, or datagrams; an epoll set with an event.
      const stream = !["sendto", "sendmsg", "recvfrom", "recvmsg", "poll"].includes(name);
      const fd = calls.socket(AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK);
      if (name !== "bind" && name !== "listen" && name !== "connect") connectNumber(fd, stream);
      const epfd = calls.epoll_create1();
      calls.epoll_ctl(epfd, k.EPOLL_CTL_ADD, fd, { events: k.EPOLLOUT, data: 1 });
      return {
        args: rightCalls(k, fd, { port: stream ? tcp : udp, epfd })[name],
        call: calls[name],
        data: name in DATA ? 1 : undefined,
        after: (result) => {
          if (!OPENS.has(name)) return;
          for (const one of [
            typeof result === "object" && result !== null && "fd" in result ? result.fd : result,
          ].flat())
            if (typeof one === "number" && one > 2) calls.close(one);
        },
        end: () => {
          for (const one of [fd, epfd]) calls.close(one);
        },
      };
    });
  }
}

function connectNumber(fd, stream) {
  try {
    calls.connect(fd, inet(stream ? tcp : udp));
  } catch (error) {
    if (error.code !== "EINPROGRESS") throw error;
    calls.poll([{ fd, events: k.POLLOUT }], 5000);
  }
  if (!stream) {
    calls.send(fd, "x");
    calls.poll([{ fd, events: k.POLLIN }], 1000);
  } else if (random.chance(0.5)) calls.poll([{ fd, events: k.POLLIN }], 1000);
}

/** The states in which a handle is attacked. */
const STATES = {
  stream: async () => {
    const handle = k.socket("stream", AF_INET, SOCK_STREAM);
    await handle.connect(LOOPBACK, tcp);
    return handle;
  },
  listener: async () => {
    const handle = k.socket("listener", AF_INET, SOCK_STREAM);
    handle.bind(LOOPBACK, 0);
    handle.listen();
    return handle;
  },
  box: async () => {
    const handle = k.socket("box", AF_INET, SOCK_DGRAM);
    await handle.connect(LOOPBACK, udp);
    await handle.send("x");
    return handle;
  },
  six: async () => k.socket("six", AF_INET6, SOCK_STREAM),
  unix: async () => k.socket("unix", k.AF_UNIX, SOCK_STREAM),
  "unix box": async () => k.socket("unix box", k.AF_UNIX, SOCK_DGRAM),
  closed: async () => {
    const handle = k.socket("closed", AF_INET, SOCK_STREAM);
    handle.close();
    return handle;
  },
};

/** All that can be called on an object, its own and that of its classes. */
function methodsOf(object) {
  const names = new Set();
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at))
      if (name !== "constructor" && typeof Object.getOwnPropertyDescriptor(at, name).value === "function")
        names.add(name);
  return [...names];
}

/** What takes an address: of a Unix-domain socket it is text of any kind, and goes into memory of 110 bytes. */
const OF_PATHS = ["bind", "connect", "sendto", "sendmsg"];
const onPaths = (right, name) =>
  name === "sendmsg"
    ? [{ data: "x", address: "/nowhere" }, 0, {}]
    : right.map((one) => (one === LOOPBACK ? "/nowhere" : typeof one === "number" ? undefined : one));

async function handlesOf(kind, make, options) {
  const one = await make();
  const right = rightMethods(k, kind === "box" ? udp : tcp);
  const local = kind === "unix" || kind === "unix box";
  const names = local ? OF_PATHS : methodsOf(one);
  await one.close();
  for (const name of names) {
    await attack(
      `${kind}.${name}`,
      local ? onPaths(right[name], name) : (right[name] ?? []),
      async () => {
        const handle = await make();
        return {
          call: (...args) => handle[name](...args),
          data: DATA[name],
          end: () => (handle.pid === undefined ? handle.close() : handle.close().catch(() => {})),
        };
      },
      options,
    );
  }
}

async function elsewhere() {
  const rival = await k.otherProcess("rival");
  const make = async () => {
    const handle = await rival.socket("there", AF_INET, SOCK_STREAM);
    await handle.connect(LOOPBACK, tcp);
    return handle;
  };
  await handlesOf("there", make, { wait: 20, keeps: true });
  const forItself = {
    socket: ["there", AF_INET, SOCK_DGRAM, {}],
    serve: ["server", { port: 0 }, () => {}],
    kill: ["SIGCONT"],
    stop: [],
  };
  for (const name of methodsOf(rival)) {
    // What it needs none of is right with anything: then it ends, and another one is needed.
    await attack(
      `process.${name}`,
      forItself[name] ?? [],
      async () => {
        const other = name === "stop" ? await k.otherProcess("other") : rival;
        return { call: (...args) => other[name](...args), end: () => (other === rival ? undefined : other.stop()) };
      },
      { wait: 20, keeps: true, skip: (value) => name === "kill" && value === undefined },
    );
    if (!rival.running) told.faults.push(`process.${name}: the process has ended`);
  }
  const server = () => rival.serve("server", { port: 0 }, () => {});
  for (const name of methodsOf(await server())) {
    const right = name === "stop" ? [{ within: 0 }] : [];
    const make = async () => {
      const there = await server();
      return { call: (...args) => there[name](...args) };
    };
    await attack(`server there.${name}`, right, make, { wait: 20, keeps: true });
  }
  if (!rival.running) told.faults.push("server there: the process has ended");
  await rival.stop();
}

async function servers() {
  const make = () => k.serve("server", { port: 0 }, () => {});
  const one = await make();
  // Four are for the package alone, and in no declaration.
  const names = methodsOf(one).filter((name) => !["start", "replaced", "whenChanged", "goOn"].includes(name));
  await one.stop({ within: 0 });
  for (const name of names) {
    await attack(`server.${name}`, name === "stop" ? [{ within: 0 }] : [], async () => {
      const server = await make();
      return { call: (...args) => server[name](...args), end: () => server.stop({ within: 0 }) };
    });
  }
}

async function functions() {
  for (const [name, right] of Object.entries(rightFunctions(k))) {
    const places = name === "every" ? right.slice(0, 1) : right;
    await attack(
      name,
      places,
      () => {
        const receiver = k.socket("receiver", AF_INET, SOCK_DGRAM);
        const args = right.map((value) => (value === undefined ? receiver : value));
        return {
          args: args.slice(0, places.length),
          call: (...values) => k[name](...values, ...args.slice(values.length)),
          end: () => k.closeAll(),
        };
      },
      {
        // Each right one would start a process; and what is asked of no argument is right with any.
        wait: name === "otherProcess" ? 20 : 0,
        skip: (value) => name === "otherProcess" && (value === undefined || typeof value === "string"),
      },
    );
  }
  const plot = rightFunctions(k).livePlot[0];
  const live = () => k.livePlot(plot);
  for (const name of methodsOf(live()))
    await attack(`livePlot.${name}`, [plot], () => {
      const view = live();
      return { call: (...args) => view[name](...args) };
    });
  for (const [name, right] of Object.entries(RIGHT_FOR_TRACE))
    await attack(`trace.${name}`, right, () => ({ call: k.trace[name] }));
}

/** The fields of an object of options: each is a place of its own. */
const FIELDS = {
  serve: [["address", "port", "type", "backlog", "most", "print"], (options) => k.serve("server", options, () => {})],
  socket: [["protocol"], (options) => k.socket("one", AF_INET, SOCK_DGRAM, options)],
  ladder: [["last", "only"], (options) => k.ladder(options)],
  recv: [["timeout", "signal"], (options) => mailbox().recv(8, 0, options)],
  recvfrom: [["timeout", "signal"], (options) => mailbox().recvfrom(8, 0, options)],
  sendto: [["timeout", "signal", "flags"], (options) => mailbox().sendto("x", LOOPBACK, udp, options)],
  sendmsg: [
    ["data", "address", "port", "control"],
    (message) => mailbox().sendmsg({ data: "x", address: LOOPBACK, port: udp, ...message }),
  ],
  connect: [["timeout", "signal"], (options) => k.socket("one", AF_INET, SOCK_STREAM).connect(LOOPBACK, tcp, options)],
};
const mailbox = () => k.socket("one", AF_INET, SOCK_DGRAM);

async function fields() {
  for (const [name, [names, call]] of Object.entries(FIELDS))
    for (const field of names)
      await attack(`${name} { ${field} }`, [undefined], () => ({
        call: (value) => call({ [field]: value }),
        end: () => k.closeAll(),
      }));
}

async function all() {
  // Everything that is loaded once, and the thread that waits.
  await (await STATES.stream()).recv(1);
  k.closeAll();
  k.handles();
  k.ladder();
  await numbers();
  for (const [kind, make] of Object.entries(STATES)) await handlesOf(kind, make);
  await functions();
  await fields();
  await servers();
  await elsewhere();
}

await all().catch((error) => told.faults.push(`stopped: ${error?.stack ?? String(error)}`));
k.closeAll();
for (let i = 0; i < 5; i++) {
  globalThis.gc();
  await turn();
}
const checked = readFileSync("/proc/self/maps", "utf8").includes("libc_malloc_debug");
process.send({ ...told, errors: [...told.errors.values()], checked }, () => process.disconnect());
