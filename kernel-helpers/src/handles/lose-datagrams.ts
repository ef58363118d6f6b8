import { setsockopt } from "../calls";
import { SocketError } from "../errors";
import { errno, SO_ATTACH_FILTER, SO_DETACH_FILTER } from "../facts";
import { during, endStep, say } from "../trace";
import type { Core } from "./core";
import type { Handle } from "./handle";
import { coreOfHandle } from "./registry";

/* The few words of classic BPF that are needed. Source: linux/bpf_common.h, linux/filter.h. */
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_NOT_LESS = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K: how many bytes of the packet to keep
/** SKF_AD_OFF + SKF_AD_RANDOM: at this "place in the packet" the kernel has a new random word. */
const RANDOM_WORD = 0xffff_f000 + 56;
const ALL_BYTES = 0xffff_ffff;
const WORDS = 2 ** 32;

/**
 * Loses datagrams that arrive at this socket, each with the same probability: a program of four instructions is given to the system
 * (setsockopt(2) with SO_ATTACH_FILTER), which runs it for every datagram and throws away what the program refuses. The sender learns
 * nothing of it, as on a real network. The system counts them among the socket's drops.
 *
 * It needs no privilege. Linux only. The random numbers are the kernel's own: they cannot be seeded, so no two runs lose the same ones.
 * On a stream socket it is refused: there the system asks for a privilege (CAP_NET_ADMIN), and the handshake would be lost as well.
 *
 * @param handle the socket of the RECEIVER, made with SOCK_DGRAM
 * @param probability from 0 (none is lost: the program is taken away, SO_DETACH_FILTER) to 1 (all are)
 * @throws TypeError for a stream socket, RangeError for a probability outside 0 to 1, SocketError ENOMEM, EPERM (the filter is locked)
 * @see man 7 socket, SO_ATTACH_FILTER
 */
export function loseDatagrams(handle: Handle, probability: number): void {
  const core = coreOfHandle(handle);
  if (core === undefined)
    throw new TypeError("loseDatagrams() takes a handle, for example loseDatagrams(receiver, 0.1).");
  if (!core.isDatagram) {
    throw new TypeError(
      `"${core.name}" is a stream socket: a filter there needs a privilege (CAP_NET_ADMIN) and would lose the handshake too. Use a socket made with SOCK_DGRAM.`,
    );
  }
  checkProbability(probability);
  if (probability === 0) stopLosing(core);
  else loseSome(core, probability);
}

function checkProbability(probability: unknown): void {
  if (typeof probability !== "number")
    throw new TypeError(`The probability is a number from 0 to 1, not ${JSON.stringify(String(probability))}.`);
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`The probability is from 0 (none is lost) to 1 (all are), not ${probability}.`);
}

function loseSome(core: Core, probability: number): void {
  const program = lossProgram(probability);
  core.now("setsockopt", () => setsockopt(core.fd, SO_ATTACH_FILTER.level, SO_ATTACH_FILTER, program));
  const which = `of the datagrams that arrive at "${core.name}"`;
  say(
    `From now on the system throws away ${probability === 1 ? `all ${which}` : `${percent(probability)} ${which}, by chance`}.`,
  );
}

function stopLosing(core: Core): void {
  const step = core.begin("setsockopt");
  try {
    during(step, () => setsockopt(core.fd, SO_DETACH_FILTER.level, SO_DETACH_FILTER, 0));
  } catch (error) {
    if (error instanceof SocketError && error.code === "ENOENT") {
      endStep(step, { error: "ENOENT", errno: errno.ENOENT! });
      say(`"${core.name}" had no filter: it loses nothing, as before.`);
      return;
    }
    core.fail(step, error);
    throw error;
  }
  core.succeed(step);
  say(`From now on "${core.name}" loses nothing.`);
}

/** `10 %`, `0.5 %`. */
function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(3))} %`;
}

/**
 * The instructions, 8 bytes each: a packet is lost when the random word is below the threshold.
 */
export function lossProgram(probability: number): Uint8Array {
  const threshold = Math.round(probability * WORDS);
  if (threshold >= WORDS) return instruction(RETURN, 0);
  return Buffer.concat([
    instruction(LOAD_WORD, RANDOM_WORD),
    instruction(JUMP_IF_NOT_LESS, threshold, 0, 1),
    instruction(RETURN, ALL_BYTES),
    instruction(RETURN, 0),
  ]);
}

/** struct sock_filter: u16 code, u8 how many instructions to jump over when true, u8 when false, u32 k. */
function instruction(code: number, k: number, whenTrue = 0, whenFalse = 0): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(whenTrue, 2);
  bytes.writeUInt8(whenFalse, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}
