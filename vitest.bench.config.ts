import { defineConfig } from "vitest/config";

// Measurements run alone, one after the other: two at once would measure each other.
export default defineConfig({
  test: {
    include: ["test/bench/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
