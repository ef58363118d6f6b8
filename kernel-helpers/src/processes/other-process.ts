import { constants } from "node:os";
import { inspect } from "node:util";
import { calledAlone, fields, shown } from "../bytes/arguments";
import { cleanName } from "../bytes/clean";
import { whole } from "../cells";
import { SENTENCES } from "../errors/sentences";
import { facts, constants as system } from "../facts";
import type { SocketOptions } from "../handles/socket";
import { UnderWay } from "../readiness/under-way";
import { checkedHandler, checkedOptions, type OnConversation, type ServeOptions } from "../servers/options";
import { say } from "../trace";
import { allHelpers } from "./all-helpers";
import { waitAtMost } from "./limited-wait";
import type { ServerFacts } from "./messages";
import { namesOf } from "./names-of";
import type { NetworkChoice } from "./network-choice";
import { processNamed } from "./notebook-process";
import { type ProcessHandle, processHandle } from "./process-handle";
import { ProcessServer } from "./process-server";
import { RunningProcess } from "./running-process";
import { textOf } from "./sent-function";

/** How a process is started. */
export interface ProcessOptions {
  /**
   * "shared", unless told: the network of the notebook. "own": a network of its own, with nothing in it but its loopback interface: from
   * outside nobody can reach its ports. (Unix-domain sockets have paths, and those are everybody's.) In it the process has the privilege CAP_NET_ADMIN, whoever the user is.
   */
  network?: NetworkChoice;
}

let own: (other: OtherProcess) => RunningProcess;

/**
 * A second process, started by the notebook: a real one, with a number of its own, whose sockets are its own. Its handles have the methods
 * of other handles; their calls stand in the same trace and the same ladder. Make one with `otherProcess()`.
 */
export class OtherProcess {
  readonly #running: RunningProcess;

  static {
    own = (other) => {
      try {
        return other.#running;
      } catch {
        throw calledAlone("another process", "lab.stop()");
      }
    };
  }

  /** @internal */
  constructor(running: RunningProcess) {
    this.#running = running;
  }

  /** Its name: the first word of the lines that tell of its start and end. */
  get name(): string {
    return own(this).name;
  }

  /** Its process number, as `ps` and `ss -p` show it. */
  get pid(): number {
    return own(this).pid;
  }

  /** True until it has ended. */
  get running(): boolean {
    return own(this).channel.alive;
  }

  /**
   * socket(2) in the other process: creates a socket there, and a handle for it here.
   *
   * A name that is open already in that process is closed first, with everything that it accepted: so a cell can be run again. Handles of
   * this process are not concerned.
   *
   * Manual: man 2 socket.
   *
   * @param name the handle's name: its lane in the pictures, for example "taken"; 1 to 100 letters
   * @param family AF_INET (IPv4), AF_INET6 or AF_UNIX
   * @param type SOCK_STREAM (a connection, in order and complete) or SOCK_DGRAM (single messages)
   * @param options `protocol` for example IPPROTO_UDP; 0 (the only one of its type) by default
   * @returns Returns a promise of the handle
   * @throws Errors: SocketError EAFNOSUPPORT (no such family), EINVAL (no such type), EPROTONOSUPPORT (no such protocol), EMFILE (no descriptor left); TypeError and RangeError for what is no name or no C int; ProcessError (the process has ended)
   */
  socket(name: string, family: number, type: number, options: SocketOptions = {}): Promise<ProcessHandle> {
    const { channel } = own(this);
    return channel.call({
      handle: undefined,
      method: "socket",
      args: [name, family, type, options],
      finish: (answer) => ("handle" in answer ? processHandle(channel, answer.handle) : neverMade()),
    });
  }

  /**
   * Starts a server in the background of the other process: see `serve`. Its calls are in the trace with those of that process, and printed only when `print` says so.
   *
   * The function runs there. It is sent as its text, so it has the helpers and what it declares itself, but no variable of the notebook:
   * one that uses such a variable is refused. What it prints is shown under the name of the process. A server of this name that runs there
   * already is stopped first, so that the cell can be run again.
   *
   * Manual: man 7 socket, man 2 accept.
   *
   * @param name the name of the listening handle, for example "echo": its conversations are "echo→1", "echo→2", …; 1 to 100 letters
   * @param options `address`, `port` (the system's choice unless told), `type`, `backlog`, `most` (how many conversations at once), `print` (whether its calls are printed)
   * @param onConversation what to do with each client, for example `async (client) => { for await (const data of client) await client.sendAll(data); }`
   * @returns Returns a promise of the server, when it listens
   * @throws Errors: SocketError EADDRINUSE (the port is taken), EADDRNOTAVAIL (no address of this machine), EACCES (a port below 1024), EMFILE (no descriptor left); BusyError (1,000 of these are under way: `await` is missing); TypeError and RangeError for what is no name, option or function, and for a function that uses a variable of the notebook; ProcessError (the process has ended)
   */
  serve(name: string, options: ServeOptions, onConversation: OnConversation): Promise<ProcessServer> {
    return servers.make(async () => {
      const { channel } = own(this);
      const { family, ...checked } = checkedOptions(name, options);
      const port = family === system.AF_UNIX ? undefined : checked.port;
      const text = textOf(checkedHandler(onConversation), `process ${this.pid} (${this.name})`, allHelpers());
      return channel.call({
        handle: undefined,
        method: "serve",
        args: [name, { ...checked, port }, text],
        finish: (answer) => new ProcessServer(channel, channel.knowServer((answer as { value: ServerFacts }).value)),
      });
    });
  }

  /**
   * Has the process close its handles and end, and waits until it has. One that does not end within 1 s is killed.
   *
   * @throws Errors: Error when it has not ended 1 s after that either; BusyError (1,000 of these are under way: `await` is missing)
   */
  stop(): Promise<void> {
    return stops.make(async () => {
      if (!own(this).channel.alive) this.#sayEnded();
      else await own(this).stop("has ended");
    });
  }

  /**
   * Sends the process a signal: kill(2). With SIGKILL, the default, the process has no chance to close anything: the system does it, and
   * this waits until it is done. SIGSTOP makes it stand still and SIGCONT go on. SIGINT it ignores, as it comes to the whole notebook.
   *
   * Manual: man 2 kill, man 7 signal.
   *
   * @param signal for example "SIGSTOP"; "SIGKILL" by default
   * @throws Errors: TypeError when there is no such signal; Error when it has not ended 10 s after SIGKILL; BusyError (1,000 of these are under way: `await` is missing)
   */
  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return kills.make(async () => {
      checkSignal(signal);
      const { channel } = own(this);
      if (!channel.alive) {
        this.#sayEnded();
        return;
      }
      own(this).kill(signal);
      if (signal !== "SIGKILL") return;
      const failed = () => new Error(`Process ${this.pid} was killed and has not ended yet.`);
      await waitAtMost(channel.gone, { milliseconds: 10_000, tooLate: failed, interrupted: failed });
    });
  }

  #sayEnded(): void {
    say(SENTENCES.processGone(`${this.pid}`, this.name));
  }

  /**
   * The process in one line: its name, number and open handles.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  toString(): string {
    const has = namesOf(own(this).openHandles()) || "no open handles";
    return `${this.name}: process ${this.pid} ${this.running ? `running, ${has}` : "[ended]"}`;
  }

  /**
   * What the cell shows for it: its name, number and open handles.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    return this.toString();
  }
}

function checkSignal(signal: unknown): void {
  if (typeof signal === "string" && Object.hasOwn(constants.signals, signal)) return;
  throw new TypeError(
    `A signal is named, for example "SIGKILL", "SIGSTOP" or "SIGCONT", not ${shown(signal)}: man 7 signal has them all.`,
  );
}

function neverMade(): never {
  throw new Error("socket() in another process did not return a handle.");
}

/**
 * Starts a second process, in about 0.15 s, and waits until it takes calls: `const rival = await otherProcess("rival")`.
 *
 * It has sockets of its own and none of the notebook's. It ends with the notebook, however that ends; an interrupt leaves it running. A
 * name that is in use ends the process that has it first: so a cell can be run again. What the process prints is shown in the cell, under
 * its name.
 *
 * Manual: man 2 fork, man 2 execve, man 1 unshare, man 7 network_namespaces.
 *
 * @param name for example "rival"; 1 to 100 letters
 * @param options `network`: "own" gives it a network of its own (Linux, where user namespaces are allowed); "shared" by default
 * @returns Returns a promise of the process
 * @throws Errors: SocketError EMFILE (no descriptor left); TimeoutError (it did not start within 10 s), InterruptedError (the cell was interrupted); BusyError (100 of these are under way: `await` is missing); TypeError when it is no name, or no such network; ProcessError when the system allows no network of its own
 */
export function otherProcess(name: string, options: ProcessOptions = {}): Promise<OtherProcess> {
  return starts.make(() => whole(() => start(name, options)));
}

/** Each ends the one before it of its name, one after the other. */
const starts = new UnderWay("otherProcess", 100);
const servers = new UnderWay("serve", 1000);
const stops = new UnderWay("stop", 1000);
const kills = new UnderWay("kill", 1000);

const NETWORKS: readonly unknown[] = ["shared", "own"] satisfies NetworkChoice[];

async function start(given: unknown, options: ProcessOptions): Promise<OtherProcess> {
  if (typeof given !== "string" || given.trim() === "") {
    throw new TypeError(`The argument is the process's name, for example otherProcess("rival"), not ${shown(given)}.`);
  }
  if (typeof options !== "object" || options === null)
    throw new TypeError(`The options are an object, for example { network: "own" }, not ${shown(options)}.`);
  const { network = "shared" } = fields("The options", options, ["network"]);
  if (!NETWORKS.includes(network)) throw new TypeError(`The network is "shared" or "own", not ${shown(network)}.`);
  if (network === "own" && facts.os !== "linux")
    throw new TypeError("A network of its own for a process exists on Linux only.");
  const name = cleanName(given);
  // Once more after each wait: somebody else can have started one of this name meanwhile.
  for (let before = processNamed(name); before !== undefined; before = processNamed(name)) {
    await before.stop(`has ended: otherProcess("${name}") starts it anew`);
  }
  const running = new RunningProcess(name, network);
  await running.start();
  return new OtherProcess(running);
}
