import { createRequire } from "node:module";
import { declared } from "kernel-helpers/dist/libc/index.js";

// The very koffi that the package uses: errno is read through it.
const koffi = createRequire(new URL("../../kernel-helpers/dist/libc/library.js", import.meta.url))("koffi") as {
  errno(value?: number): number;
};

/** Where the calls find this function of libc: what is put in its place is called instead. */
export function functionsWith(name: string): Record<string, (...values: unknown[]) => number> {
  return declared.find((functions) => name in functions) as unknown as Record<string, (...values: unknown[]) => number>;
}

/**
 * While the action runs, the first calls of one libc function fail with the given errnos, without reaching libc; the calls after them are
 * real again. For errnos that this machine cannot be brought to give.
 *
 * @returns how many calls of the function there were, the failed ones included
 */
export async function withFaults(name: string, errnos: readonly number[], action: () => unknown): Promise<number> {
  const functions = functionsWith(name);
  const real = functions[name]!;
  const left = [...errnos];
  let calls = 0;
  functions[name] = (...values) => {
    calls += 1;
    const errno = left.shift();
    if (errno === undefined) return real(...values);
    koffi.errno(errno);
    return -1;
  };
  try {
    await action();
  } finally {
    functions[name] = real;
  }
  return calls;
}
