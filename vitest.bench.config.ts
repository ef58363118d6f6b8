import { defineConfig } from "vitest/config";
import { Table } from "./test/bench/measure/table.js";
import { LONG_PATIENCE_MS } from "./test/support/time.js";

// Measurements run alone, one after the other: two at once would measure each other.
export default defineConfig({
  test: {
    include: ["test/bench/**/*.test.ts"],
    setupFiles: ["test/bench/measure/end-with-runner.ts"],
    reporters: ["default", new Table()],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: LONG_PATIENCE_MS,
    hookTimeout: LONG_PATIENCE_MS,
  },
});
