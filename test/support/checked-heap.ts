import { existsSync } from "node:fs";

const NAME = "libc_malloc_debug.so.0";
/** Where Debian and its relatives, Fedora and its relatives, and Arch have it. */
const FOLDERS = [
  ...["x86_64", "aarch64"].map((machine) => `/lib/${machine}-linux-gnu`),
  ...["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu`),
  ...["/lib64", "/usr/lib64", "/usr/lib"],
];

/**
 * The environment of a process whose heap glibc checks (mallopt(3), MALLOC_CHECK_): a write past the end of a block ends it with a message. What
 * is allocated and what is freed is overwritten, so that nobody takes it for what was there before.
 *
 * Since glibc 2.34 the checks are in a library of their own, without which MALLOC_CHECK_ does nothing.
 */
export function checkedHeap(): Record<string, string> {
  const library = FOLDERS.map((folder) => `${folder}/${NAME}`).find(existsSync);
  if (library === undefined)
    throw new Error(
      `${NAME} is in none of ${FOLDERS.join(", ")}: this test needs glibc 2.34 or newer. Debian 12 has it in libc6.`,
    );
  return { LD_PRELOAD: library, MALLOC_CHECK_: "3", MALLOC_PERTURB_: "165" };
}
