import { expect, test } from "vitest";
import { restarts } from "../soak/restarts.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/* `npm run soak` makes twenty of each. */
test.each(["polite", "SIGKILL"] as const)(
  "K7: three %s restarts of a kernel that serves on one port, with a client of another process connected: the port is served each time",
  { timeout: LONG_PATIENCE_MS },
  async (how) => {
    expect(await restarts(3, how)).toBe(3);
  },
);
