import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** A git repository of a test, by somebody who has configured nothing. */
export class Repository {
  constructor(readonly folder: string) {}

  /** Runs git in it; gives what it prints. */
  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.folder, ...args], { encoding: "utf8", env: environment });
  }

  /** Commits everything that is there. */
  commit(message: string): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", `--message=${message}`);
  }

  clone(folder: string): Repository {
    execFileSync("git", ["clone", "--quiet", this.folder, folder], { env: environment });
    return new Repository(folder);
  }
}

const WHO = "nobody";
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"))),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: WHO,
  GIT_AUTHOR_EMAIL: WHO,
  GIT_COMMITTER_NAME: WHO,
  GIT_COMMITTER_EMAIL: WHO,
};

const YESTERDAY = Date.now() / 1000 - 86_400;

/**
 * Makes a folder a repository whose branch `main` has everything that is in it. The files are a day old: what was written in the second of its
 * index git reads again for each question, and has every notebook filtered for it.
 */
export function repositoryOf(folder: string): Repository {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    utimesSync(join(folder, file), YESTERDAY, YESTERDAY);
  }
  const repository = new Repository(folder);
  repository.git("init", "--quiet", "--initial-branch=main");
  repository.commit("all");
  return repository;
}

/** Calls one function of one of a folder's own modules, in a process of its own. */
export function runModule(folder: string, module: string, name: string, ...args: string[]) {
  const call = `const m = await import(${JSON.stringify(module)}); m[${JSON.stringify(name)}](...process.argv.slice(1));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", call, ...args], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}
