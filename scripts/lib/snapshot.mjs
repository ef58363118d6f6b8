import { createRequire } from "node:module";
import { inProject } from "./project.mjs";
import { run } from "./run.mjs";
import { step } from "./step.mjs";
import { say } from "./under-way.mjs";

const programs = inProject("kernel-helpers", "dist", "kernel", "snapshot");
/** Where they are. */
export const snapshots = inProject("kernel-helpers", "dist", ".snapshots");

/** What a failed attempt says last. @param {string} output */
const lastWords = (output) =>
  output
    .trim()
    .split("\n")
    .find((line) => /error/i.test(line)) ?? "";

/**
 * Makes the start-up snapshot of the kernel for this Node, unless it is there. Without it a kernel starts a second later and is otherwise
 * the same, so what goes wrong here ends nothing.
 */
export async function prepareSnapshot() {
  if (process.env.SOCKET_WORKSHOP_SNAPSHOT === "off") return;
  /** @type {typeof import("../../kernel-helpers/dist/kernel/snapshot/make.js")} */
  const { snapshotIsCurrent } = createRequire(import.meta.url)(`${programs}/make.js`);
  if (await snapshotIsCurrent()) return;
  let failure = "";
  await step("Preparing quick starts of the kernel", async () => {
    const { code, output } = await run(process.execPath, [`${programs}/build.js`]);
    if (code !== 0) failure = `  It did not work, so each kernel takes a second longer to start. ${lastWords(output)}`;
  });
  if (failure) say(failure);
}
