import { execFileSync, spawnSync } from "node:child_process";
import { userInfo } from "node:os";

/** One learner's browser, as far as the tests need it: cookies, a login, and requests with a token. */
export class Learner {
  #cookies = new Map<string, string>();
  #token = "";

  constructor(
    readonly url: string,
    readonly name: string,
  ) {}

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const xsrf = this.#cookies.get("_xsrf");
    if (this.#token !== "") headers.set("authorization", `token ${this.#token}`);
    else if (xsrf !== undefined) headers.set("x-xsrftoken", xsrf);
    const answer = await fetch(`${this.url}${path}`, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** The page's form; gives the status, and what the page then says. */
  async logIn(password: string): Promise<{ status: number; says: string }> {
    await this.fetch("/hub/login");
    const body = new URLSearchParams({ username: this.name, password, _xsrf: this.#cookies.get("_xsrf") ?? "" });
    const answer = await this.fetch("/hub/login", { method: "POST", body });
    const [, says = ""] = /class="login_error">\s*([^<]*?)\s*</.exec(await answer.text()) ?? [];
    return { status: answer.status, says };
  }

  /** From now on requests carry a token, which the API of the learner's own server takes, too. */
  async takeToken(): Promise<void> {
    await this.fetch("/hub/home");
    const made = (await this.json(`/hub/api/users/${this.name}/tokens`, "POST", { note: "test" })) as { token: string };
    this.#token = made.token;
  }

  async json(path: string, method = "GET", body?: unknown): Promise<unknown> {
    const answer = await this.fetch(path, {
      method,
      headers: { "content-type": "application/json" },
      body: method === "GET" ? null : JSON.stringify(body ?? {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}

/** Runs a program as this account, with its groups and with nothing of ours; gives whether it ended well, and its output. */
export function runAs(name: string, program: string, ...args: string[]): { ok: boolean; output: string } {
  const home = execFileSync("getent", ["passwd", name], { encoding: "utf8" }).split(":")[5] ?? "/";
  const become = [`--reuid=${name}`, `--regid=${name}`, "--init-groups", "--reset-env"];
  const { status, stdout, stderr } = spawnSync("setpriv", [...become, program, ...args], {
    cwd: home,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin" },
  });
  return { ok: status === 0, output: stdout + stderr };
}

/** The hub's tests make accounts. */
export const isRoot = userInfo().uid === 0;
