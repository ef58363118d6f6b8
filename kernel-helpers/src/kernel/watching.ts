import { statSync } from "node:fs";
import type { FileWatcher, FileWatcherCallback, System } from "@tslab/typescript-for-tslab";

type WatchFile = NonNullable<System["watchFile"]>;
type WatchDirectory = NonNullable<System["watchDirectory"]>;
type Rest<F> = F extends (path: string, callback: never, ...rest: infer R) => unknown ? R : never;

/** TypeScript's number for it. */
const CHANGED = 1;

/** Something of the learner's that is looked at before each cell. */
interface Looked {
  path: string;
  stamp: string;
  changed(before: string, now: string): void;
}

/** A watcher that is not yet there. */
interface Wanted {
  begin(): FileWatcher;
}

/**
 * The compiler's watchers, which begin later: 300 of them take time that a first cell would wait for, and a start-up snapshot cannot
 * hold any. What has changed until then, the compiler is told when they begin.
 */
export class Watching {
  #wanted: Set<Wanted> | undefined = new Set();
  readonly #callbacks = new Map<string, Set<() => void>>();
  /** The files that have been asked for: what the compiler has read, or would read if it were there. */
  readonly files = new Set<string>();
  readonly #looked = new Set<Looked>();

  /** @param isOwn whether a path is the learner's: not the compiler's, nor of a package */
  constructor(
    readonly watchFile: WatchFile,
    readonly watchDirectory: WatchDirectory,
    readonly isOwn: (path: string) => boolean,
  ) {}

  /**
   * Looks at the learner's files and folders now. A watcher hears of a change in a later turn of the event loop: the cell after the one that has
   * written a file would get it as it was before.
   */
  catchUp(): void {
    for (const one of this.#looked) {
      const before = one.stamp;
      const now = exactStamp(one.path);
      if (now === before) continue;
      one.stamp = now;
      one.changed(before, now);
    }
  }

  file(path: string, callback: FileWatcherCallback, ...rest: Rest<WatchFile>): FileWatcher {
    this.files.add(path);
    const before = stamp(path);
    const watcher = this.#later(() => {
      const now = stamp(path);
      if (now !== before) callback(path, kindOf(before, now));
      return this.watchFile(path, callback, ...rest);
    });
    const callbacks = this.#callbacks.get(path) ?? new Set();
    this.#callbacks.set(path, callbacks);
    const changed = () => callback(path, CHANGED);
    callbacks.add(changed);
    const stopLooking = this.#lookAt(path, (before, now) => callback(path, kindOf(before, now)));
    return {
      close: () => {
        callbacks.delete(changed);
        stopLooking();
        watcher.close();
      },
    };
  }

  /** Tells the compiler that a file has changed: it will read it again. */
  changed(path: string): void {
    for (const changed of this.#callbacks.get(path) ?? []) changed();
  }

  folder(path: string, callback: (file: string) => void, ...rest: Rest<WatchDirectory>): FileWatcher {
    const watcher = this.#later(() => this.watchDirectory(path, callback, ...rest));
    // What is in a folder changes when a file comes or goes.
    const stopLooking = this.#lookAt(path, () => callback(path));
    return {
      close: () => {
        stopLooking();
        watcher.close();
      },
    };
  }

  #lookAt(path: string, changed: Looked["changed"]): () => void {
    if (!this.isOwn(path)) return () => {};
    const one = { path, stamp: exactStamp(path), changed };
    this.#looked.add(one);
    return () => this.#looked.delete(one);
  }

  /** From now on there are watchers. */
  begin(): void {
    const wanted = this.#wanted ?? [];
    this.#wanted = undefined;
    for (const one of wanted) one.begin();
  }

  #later(make: () => FileWatcher): FileWatcher {
    if (this.#wanted === undefined) return make();
    let watcher: FileWatcher | undefined;
    const wanted: Wanted = {
      begin: () => {
        watcher = make();
        return watcher;
      },
    };
    this.#wanted.add(wanted);
    return {
      close: () => {
        this.#wanted?.delete(wanted);
        watcher?.close();
      },
    };
  }
}

/** TypeScript's number for what has become of a file. */
function kindOf(before: string, now: string): 0 | 1 | 2 {
  return before === "" ? 0 : now === "" ? 2 : CHANGED;
}

/** Changes with every change: an editor may put another file in its place within the same second. */
function exactStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

/** The watchers of this process's compiler. */
let ofCompiler: Watching | undefined;
export const compilerWatching = (): Watching | undefined => ofCompiler;

export function watchWith(watching: Watching): void {
  ofCompiler = watching;
}

/** Changes when a file does; empty when there is none. */
export function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.size} ${Math.floor(found.mtimeMs / 1000)}`;
}
