import { expect, test } from "vitest";
import { restarts } from "./restarts.js";
import { part, tell } from "./told.js";

/* npm run soak: twenty restarts of each kind. */
test.each(["polite", "SIGKILL"] as const)("twenty %s restarts of a kernel that serves on one port", async (how) => {
  await part(`twenty ${how} restarts`, { again: "test/soak/restarts.test.ts" }, async () => {
    expect(await restarts(20, how, (done) => tell(`${how} restart ${done} of 20`))).toBe(20);
  });
});
