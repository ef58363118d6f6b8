import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { withSpareDescriptor } from "./reserve";

/** What is missing, has ended meanwhile, or may not be looked at. */
const NOT_THERE = new Set(["ENOENT", "ESRCH", "ENOTDIR", "EACCES", "EPERM", "EINVAL"]);

/**
 * The files in which the system tells of processes and sockets, at one moment: each of them is read once, however often it is asked for.
 *
 * @see man 5 proc
 */
export class SystemFiles {
  private readonly texts = new Map<string, string | undefined>();
  private readonly links = new Map<string, string | undefined>();
  private readonly lists = new Map<string, readonly string[]>();

  /** A file's text; undefined when it is not there. */
  text(path: string): string | undefined {
    return once(this.texts, path, () => readFileSync(path, "utf8"));
  }

  /** Where a link leads; undefined when it is not there. */
  link(path: string): string | undefined {
    return once(this.links, path, () => readlinkSync(path));
  }

  /** The names in a folder; none when it is not there. */
  names(path: string): readonly string[] {
    return once(this.lists, path, () => readdirSync(path)) ?? [];
  }
}

function once<T>(answers: Map<string, T | undefined>, path: string, read: () => T): T | undefined {
  if (!answers.has(path)) answers.set(path, ask(read));
  return answers.get(path);
}

function ask<T>(read: () => T): T | undefined {
  try {
    return withSpareDescriptor(read);
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
