/* The few words of classic BPF that are needed. Source: linux/bpf_common.h, linux/filter.h. */
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_NOT_LESS = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K: how many bytes of the packet to keep
/** SKF_AD_OFF + SKF_AD_RANDOM: at this "place in the packet" the kernel has a new random word. */
const RANDOM_WORD = 0xffff_f000 + 56;
const ALL_BYTES = 0xffff_ffff;
const WORDS = 2 ** 32;

/**
 * The instructions of a filter that loses packets, 8 bytes each: a packet is lost when the random word is below the threshold.
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
