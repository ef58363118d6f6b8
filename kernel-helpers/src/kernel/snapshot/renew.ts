import { join } from "node:path";

/** How long, in milliseconds, a kernel must have been there: a person reads, and what starts kernels one after the other is done. */
const WAIT = 20_000;

/** Makes a new snapshot later, in a process of its own that everything else goes before, if this one could not be used. */
export function renewLater(): void {
  if (process.env.SOCKET_WORKSHOP_SNAPSHOT === "off") return;
  setTimeout(renew, WAIT).unref();
}

function renew(): void {
  // Not at the top of this file: nearly no kernel needs them.
  const { spawn }: typeof import("node:child_process") = require("node:child_process");
  const { constants, setPriority }: typeof import("node:os") = require("node:os");
  const { mayMakeSnapshot }: typeof import("./make") = require("./make");
  if (!mayMakeSnapshot()) return;
  const child = spawn(process.execPath, [join(__dirname, "build.js")], {
    cwd: "/",
    env: {},
    detached: true,
    stdio: "ignore",
  });
  child.once("error", () => {});
  child.unref();
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
}
