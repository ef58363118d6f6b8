import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** One learner's browser, as far as the tests need it: cookies, a login, and requests with a token. */
export class Learner {
  #cookies = new Map<string, string>();
  #token = "";

  constructor(
    readonly url: string,
    readonly name: string,
  ) {}

  /** Not with fetch(), which says of itself that it is a script of a page: JupyterHub asks more of those. */
  async #send(path: string, method = "GET", type?: string, body?: string) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, ...(type && { "content-type": type }) };
    // A connection of its own: one that was kept may have been closed at the other end in the meantime.
    const sent = request(`${this.url}${path}`, { method, headers, agent: false });
    const xsrf = this.#cookies.get("_xsrf");
    if (this.#token !== "") sent.setHeader("authorization", `token ${this.#token}`);
    else if (xsrf !== undefined) sent.setHeader("x-xsrftoken", xsrf);
    // Node leaves it out for DELETE.
    if (body !== undefined) sent.setHeader("content-length", Buffer.byteLength(body));
    sent.end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return { status: answer.statusCode ?? 0, text: await text(answer), location: answer.headers.location };
  }

  /** The page's form; gives the status, and what the page then says. */
  async logIn(password: string): Promise<{ status: number; says: string }> {
    await this.#send("/hub/login");
    const form = new URLSearchParams({ username: this.name, password, _xsrf: this.#cookies.get("_xsrf") ?? "" });
    const answer = await this.#send("/hub/login", "POST", "application/x-www-form-urlencoded", form.toString());
    const [, says = ""] = /class="login_error">\s*([^<]*?)\s*</.exec(answer.text) ?? [];
    return { status: answer.status, says: says.replace("&#39;", "'") };
  }

  /** From now on requests carry a token, which the API of the learner's own server takes, too. */
  async takeToken(): Promise<void> {
    await this.#send("/hub/home");
    const made = (await this.json(`/hub/api/users/${this.name}/tokens`, "POST", { note: "test" })) as { token: string };
    this.#token = made.token;
  }

  /** Where a page sends the browser on to. */
  async leadsTo(path: string): Promise<string | undefined> {
    return (await this.#send(path)).location;
  }

  async text(path: string): Promise<string> {
    return (await this.#send(path)).text;
  }

  async json(path: string, method = "GET", body?: unknown): Promise<unknown> {
    const sent = method === "GET" ? undefined : JSON.stringify(body ?? {});
    const answer = await this.#send(path, method, "application/json", sent);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text === "" ? undefined : JSON.parse(answer.text);
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
