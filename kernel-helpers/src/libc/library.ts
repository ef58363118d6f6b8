import koffi, { type LibraryHandle } from "koffi";
import { facts } from "../facts/current";
import { PLATFORM_PROBLEM } from "../facts/platform";

/** Memory that a function of libc reads or writes; null is NULL. A `void *` takes the memory of a Buffer as it is, without a copy. */
export type Pointer = Uint8Array | null;

/** Functions of libc. They check nothing: only `calls/` may call them, with checked arguments. */
type Functions = Record<string, (...values: never[]) => number>;

/** What was declared, for the tests that stand between the calls and libc. */
export const declared: Functions[] = [];

let library: LibraryHandle | undefined;

/**
 * Finds functions of libc. Each call declares its own, as its man page does; `ssize_t` is written `intptr_t`: it has the same width, and
 * koffi does not know the name.
 *
 * @param prototypes the declaration of each function in C, by its name
 * @param only the one system that has them; elsewhere there is nothing to find
 * @throws Error one clear sentence, on a platform without tables
 */
export function declare<F extends { [name in keyof F]: (...values: never[]) => number }>(
  prototypes: Readonly<Record<keyof F, string>>,
  only: "linux" | "darwin" = facts.os,
): F {
  if (PLATFORM_PROBLEM !== undefined) throw new Error(PLATFORM_PROBLEM);
  // `null` is the process itself: the libc that Node already uses, glibc or musl, found as a C program would find it.
  library ??= koffi.load(null);
  const found: Functions = {};
  if (only === facts.os)
    for (const [name, prototype] of Object.entries<string>(prototypes)) found[name] = library.func(prototype);
  declared.push(found);
  return found as unknown as F;
}

/** The fields of a struct, each with its C type. */
type Fields = Readonly<Record<string, string>>;

/**
 * Finds one function of libc that takes a pointer to a struct: koffi writes it from an object with these fields.
 *
 * @param name the function's name in C
 * @param parameters the C types; an object stands for a pointer to a struct with these fields
 */
export function declareWithStruct<F extends (...values: never[]) => number>(
  name: string,
  parameters: readonly (string | Fields)[],
): { call: F } {
  library ??= koffi.load(null);
  // Types without a name: the package can be loaded twice in one process, and koffi takes a name once.
  const types = parameters.map((type) => (typeof type === "string" ? type : koffi.pointer(koffi.struct({ ...type }))));
  const found = { call: library.func(name, "int", types) };
  declared.push(found);
  return found as unknown as { call: F };
}

/** Where the memory of an array lies: for a struct that holds an address. The array must live until the call has returned. */
export const addressOf = (memory: Uint8Array): bigint => koffi.address(memory);

/** The errno of the last call, to be read before anything else happens. */
export const lastErrno: () => number = () => koffi.errno();
