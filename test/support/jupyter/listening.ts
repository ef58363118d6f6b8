import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connection.js";

/** How long the stock kernel is left alone after its ports have opened. */
const QUIET = 300;
const BETWEEN = 20;

/**
 * Waits until all five ports of a kernel are open, and a moment longer.
 *
 * The stock kernel reads from a socket while it still binds it: a request that comes just then ends its reading for good with "Socket is
 * blocked by a bind or unbind operation" (seen once in some hundred starts on a busy machine). Nothing tells from outside when that is over.
 *
 * @returns how long that moment was, in milliseconds: it is no part of the kernel's start
 */
export async function portsAreOpen(connection: Connection, deadline: number): Promise<number> {
  const { ip, shell_port, iopub_port, stdin_port, control_port, hb_port } = connection;
  for (const port of [shell_port, iopub_port, stdin_port, control_port, hb_port]) {
    while (performance.now() < deadline && !(await opens(ip, port))) await delay(BETWEEN);
  }
  const open = performance.now();
  await delay(QUIET);
  return performance.now() - open;
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host, port });
    const end = (open: boolean) => {
      probe.destroy();
      resolve(open);
    };
    probe.once("connect", () => end(true));
    probe.once("error", () => end(false));
  });
}
