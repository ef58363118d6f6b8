/*
 * Compares the record of the workshop with what strace(1) saw of the same process.
 */

/** The calls that strace is asked for: everything the workshop calls, and nothing that only others call. */
const TRACED = "trace=%network,close,fcntl,poll,epoll_create1,epoll_ctl,eventfd2";

const CREATES = /^(?:socket|socketpair|accept4|epoll_create1|eventfd2)\(|^fcntl\(\d+, F_DUPFD/;

const STRACE = ["strace", "-qq", "-e", TRACED, "-e", "signal=none"];

/** The command line that runs `command` under strace; only its main thread is watched, which makes all calls but the waiting thread's. */
export function underStrace(command: string[], output: string): string[] {
  return [...STRACE, "-o", output, ...command];
}

/** The same with every thread and every process that it starts: what each of them calls is in a file of its own, `output.pid`. */
export function allUnderStrace(command: string[], output: string): string[] {
  return [...STRACE, "-ff", "-o", output, ...command];
}

/** Where a buffer lies in memory says nothing; strace prints it for calls that failed, and TCP_INFO as it lies in memory. */
export function comparable(line: string): string {
  return line
    .replace(/\s+= /, " = ")
    .replace(/0x[0-9a-f]{6,}/g, "0x…")
    .replace(/(SOL_TCP, TCP_INFO, ).*(, \[\d+)/, "$10x…$2");
}

/** The descriptors that a call works on, and the ones that it made. */
function descriptors(line: string): { on: number[]; made: number[] } {
  const [call = "", result = ""] = line.split(/\) = /);
  const args = call.slice(call.indexOf("(") + 1);
  const on =
    /^\d+/.exec(args) === null || /^(?:socket|socketpair|eventfd2)\(/.test(line) ? [] : [Number.parseInt(args, 10)];
  if (!CREATES.test(line)) return { on, made: [] };
  const pair = /\[(\d+), (\d+)\]$/.exec(call);
  if (pair !== null) return { on, made: [Number(pair[1]), Number(pair[2])] };
  return { on, made: Number(result.split(" ")[0]) >= 0 ? [Number.parseInt(result, 10)] : [] };
}

/**
 * Walks both lists. Calls on descriptors that the workshop made must be in the record, in the same order, word for word; so must every
 * call that makes an internet socket. Others (Node's own files, ZeroMQ's eventfds) are passed over.
 *
 * @returns the first difference, or undefined
 */
export function firstDifference(seen: readonly string[], recorded: readonly string[]): string | undefined {
  const ours = new Set<number>();
  let at = 0;
  for (const raw of seen) {
    const line = comparable(raw);
    const expected = recorded[at] === undefined ? undefined : comparable(recorded[at]!);
    const { on, made } = descriptors(line);
    const concerns = on.some((fd) => ours.has(fd)) || /^socket\(AF_INET/.test(line);
    if (line === expected) {
      at += 1;
      for (const fd of made) ours.add(fd);
      if (line.startsWith("close(")) for (const fd of on) ours.delete(fd);
    } else if (concerns) {
      return `after ${at} equal calls strace saw\n  ${line}\nand the record has\n  ${expected ?? "nothing more"}`;
    }
  }
  if (at < recorded.length) return `strace never saw call ${at + 1} of the record:\n  ${recorded[at]}`;
  return undefined;
}
