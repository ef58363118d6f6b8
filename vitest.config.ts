import { defineConfig } from "vitest/config";
import { PATIENCE_MS, TEST_PATIENCE_MS } from "./test/support/time.js";

/**
 * Two files of these run at once, which takes little more than half the time: those that install, or run every notebook in processes of their
 * own with ports of their own, wait for servers, for the kernel and for the browser; the others make no connection that another file could see.
 */
const TOGETHER = [
  "test/start/**/*.test.ts",
  "test/unit/**/*.test.ts",
  "test/contract/**/*.test.ts",
  "test/pictures/**/*.test.ts",
  "test/kernel/**/*.test.ts",
  "test/browser/**/*.test.ts",
  "test/hub/**/*.test.ts",
  "test/handouts/**/*.test.ts",
  // Notebook 04 measures time: what it shows is looked at when nothing runs beside it.
  "test/notebooks/!(facts-04).test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: TEST_PATIENCE_MS,
    hookTimeout: TEST_PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: ["test/bench/**", "test/soak/**", "**/node_modules/**", ...TOGETHER],
          // One file at a time: they choose their ports from one range, and some look at all sockets of the machine.
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          include: TOGETHER,
          exclude: ["**/node_modules/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
