import koffi, { type LibraryHandle } from "koffi";

/** The address of something in memory. */
type Address = bigint;

/** `UV_POLL` of libuv's `uv_handle_type`, and `UV_READABLE` of `uv_poll_event`. */
const UV_POLL = 8;
const UV_READABLE = 1;

/** What is needed of libuv. Node's program has all of it, for add-ons: the same since libuv 1.0. */
function findLibuv(library: LibraryHandle) {
  const pointer = (prototype: string) => library.func(prototype) as (...values: unknown[]) => Address | null;
  const number = (prototype: string) => library.func(prototype) as (...values: unknown[]) => number;
  return {
    uv_default_loop: pointer("void *uv_default_loop(void)"),
    uv_handle_size: number("size_t uv_handle_size(int type)"),
    uv_poll_init: number("int uv_poll_init(void *loop, void *handle, int fd)"),
    uv_poll_start: number("int uv_poll_start(void *handle, int events, void *callback)"),
    uv_poll_stop: number("int uv_poll_stop(void *handle)"),
    uv_ref: library.func("void uv_ref(void *handle)") as (handle: Address) => void,
    uv_unref: library.func("void uv_unref(void *handle)") as (handle: Address) => void,
    calloc: pointer("void *calloc(size_t count, size_t size)"),
    dlsym: pointer("void *dlsym(void *library, const char *name)"),
  };
}

/** A descriptor that the event loop watches. */
export interface LoopWatch {
  /** To be called before the descriptor is closed. */
  end(): void;
  /** Whether it keeps the process alive. */
  keepAlive(alive: boolean): void;
}

/**
 * Has the event loop of the main thread come round when a descriptor is readable, as it does for those of Node itself. libuv is given no
 * function of ours to call then, but one of its own that changes nothing: what there is to do is done by an immediate, which every round of
 * the loop comes to. It keeps the process alive only when it is told to.
 *
 * To be called on the main thread only: it is the one whose loop is libuv's default loop.
 *
 * @returns undefined where libuv cannot be found, or refuses
 */
export function wakeLoopFor(fd: number): LoopWatch | undefined {
  try {
    const uv = findLibuv(koffi.load(null));
    // Never freed: libuv keeps it in its lists.
    const handle = uv.calloc(1, uv.uv_handle_size(UV_POLL));
    const nothing = uv.dlsym(null, "uv_is_active");
    if (handle === null || nothing === null) return undefined;
    if (uv.uv_poll_init(uv.uv_default_loop(), handle, fd) !== 0) return undefined;
    if (uv.uv_poll_start(handle, UV_READABLE, nothing) !== 0) return undefined;
    uv.uv_unref(handle);
    return {
      end: () => void uv.uv_poll_stop(handle),
      keepAlive: (alive) => (alive ? uv.uv_ref(handle) : uv.uv_unref(handle)),
    };
  } catch {
    // A Node that is built without these names.
    return undefined;
  }
}
