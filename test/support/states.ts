import { type Handle, type ProcessHandle, states } from "kernel-helpers";
import { printed } from "./captured.js";

/**
 * The states through which `states()` shows that a handle went, as RFC 9293 names them. FIN-WAIT-1 and FIN-WAIT-2 are both "FIN-WAIT": the
 * peer's system may acknowledge the FIN at once, or up to 40 ms later.
 */
export async function wayOf(handle: Handle | ProcessHandle): Promise<string[]> {
  const words = (await printed(() => states(handle))).join(" ");
  const names = [...words.matchAll(/\d+ ([A-Z]+(?:-[A-Z]+)*(?:-[12])?)/g)].map(([, name]) =>
    name!.replace(/-[12]$/, ""),
  );
  return names.filter((name, index) => name !== names[index - 1]);
}
