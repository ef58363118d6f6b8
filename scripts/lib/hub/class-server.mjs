import { rmSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.mjs";
import { run } from "../run.mjs";
import { classNames, makeClassState, removeClassUsers } from "./class-users.mjs";
import { freePorts } from "./free-ports.mjs";
import { passwords } from "./passwords.mjs";
import { endHub, GROUP, isReady, makeGroup, startHub } from "./server.mjs";

/**
 * A JupyterHub for a measurement, beside one that may be running: ports, state and accounts of its own.
 */
export class ClassServer {
  /** What it has said. */
  log = "";

  /**
   * @param {string} state
   * @param {boolean} madeGroup
   * @param {{ url: string, password: string, admin: string, admin_password: string, names: string[] }} known
   * @param {import("node:child_process").ChildProcess} child
   */
  constructor(state, madeGroup, known, child) {
    this.state = state;
    this.madeGroup = madeGroup;
    this.known = known;
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        this.log += text;
      });
    }
  }

  /** @param {number} count of learners */
  static async start(count) {
    const left = await removeClassUsers();
    if (left.length > 0) throw new Problem(`userdel cannot remove ${left.join(", ")}: end their processes first.`);
    const made = await makeGroup();
    const state = makeClassState();
    const [port = 0, hub_port = 0, proxy_port = 0] = await freePorts(3);
    const secrets = passwords(join(state, "passwords.json"));
    const admin = `${classNames(1)[0]?.replace(/\d+$/, "")}admin`;
    const settings = { login: "shared", ip: "127.0.0.1", port, hub_port, proxy_port, admin, ...secrets };
    const known = { url: `http://127.0.0.1:${port}`, admin, names: classNames(count), ...secrets };
    const server = new ClassServer(state, made, known, startHub(state, settings, { quiet: true }));
    if (await isReady(server.child, hub_port)) return server;
    await server.stop();
    throw new Problem(`JupyterHub has not started. It says:
${server.log.trim()}`);
  }

  /** Ends it, and removes its accounts and what it wrote. */
  async stop() {
    await endHub(this.child);
    const left = await removeClassUsers();
    if (this.madeGroup) await run("groupdel", [GROUP]);
    rmSync(this.state, { recursive: true, force: true });
    return left;
  }
}
