import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** A path below the project's folder, absolute. */
export const inProject = (path: string): string => join(PROJECT, path);

/** The text of one of the project's files. */
export const textOf = (path: string): string => readFileSync(inProject(path), "utf8");

export const readJson = (path: string): Record<string, unknown> => JSON.parse(textOf(path));

/** YAML 1.2; a key that stands twice, and whatever else is no YAML, throws. */
export const readYaml = (text: string): unknown => parse(text, { strict: true, uniqueKeys: true });

/** What a clone would hold, with the changes that are not committed yet. */
export function sourceFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  return listed.split("\0").filter((file) => file !== "" && existsSync(inProject(file)));
}
