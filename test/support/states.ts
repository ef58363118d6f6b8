import { type Handle, type ProcessHandle, states } from "kernel-helpers";
import { printed } from "./captured.js";

/**
 * The states through which `states()` shows that a handle went, by the kernel's names. FIN_WAIT1 and FIN_WAIT2 are both "FIN_WAIT": the
 * peer's system may acknowledge the FIN at once, or up to 40 ms later.
 */
export async function wayOf(handle: Handle | ProcessHandle): Promise<string[]> {
  const words = (await printed(() => states(handle))).join(" ");
  const names = [...words.matchAll(/\d+ ([A-Z]+(?:_[A-Z]+)*[12]?)/g)].map(([, name]) => name!.replace(/[12]$/, ""));
  return names.filter((name, index) => name !== names[index - 1]);
}
