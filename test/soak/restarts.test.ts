import { expect, test } from "vitest";
import { restarts } from "./restarts.js";

/* npm run soak: twenty restarts of each kind. */
test.each(["polite", "SIGKILL"] as const)("twenty %s restarts of a kernel that serves on one port", async (how) => {
  const told = (done: number) => process.stderr.write(`${how} restart ${done} of 20\n`);
  expect(await restarts(20, how, told)).toBe(20);
});
