import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Publisher, Reply, Router } from "zeromq";

// The same copy that tslab loads: two copies of the native part in one process would each have their own threads.
const zmq: typeof import("zeromq") = createRequire(require.resolve("tslab/dist/jupyter"))("zeromq");

/** What a Jupyter connection file holds. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
}

export function readConnection(file: string): Connection {
  return JSON.parse(readFileSync(file, "utf8"));
}

// No limit on queued output, and no send that waits: with the defaults (1,000 messages, 512 sends in one turn of the event loop)
// a cell that prints 5,000 lines at once shows 510 of them and never becomes idle. `linger` bounds, in milliseconds, how long the
// end of the process waits for a client that does not read.
const OUTGOING = { sendHighWaterMark: 0, sendTimeout: 0, linger: 500 };

/** The five sockets of a kernel (Jupyter messaging specification, "Introduction"). */
export class Channels {
  readonly shell: Router = new zmq.Router({ ...OUTGOING, receiveHighWaterMark: 0 });
  readonly control: Router = new zmq.Router(OUTGOING);
  readonly iopub: Publisher = new zmq.Publisher(OUTGOING);
  readonly #stdin: Router = new zmq.Router(OUTGOING);
  readonly #heartbeat: Reply = new zmq.Reply({ linger: 0 });

  async bind(connection: Connection): Promise<void> {
    // With ipc the "address" is the first part of a path, and the "port" its last (jupyter_client, `ConnectionFileMixin._make_url`).
    const join = connection.transport === "ipc" ? "-" : ":";
    const address = (port: number) => `${connection.transport}://${connection.ip}${join}${port}`;
    await Promise.all([
      this.shell.bind(address(connection.shell_port)),
      this.control.bind(address(connection.control_port)),
      this.iopub.bind(address(connection.iopub_port)),
      this.#stdin.bind(address(connection.stdin_port)),
      this.#heartbeat.bind(address(connection.hb_port)),
    ]);
    void this.#beat();
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }
}
