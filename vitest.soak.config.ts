import { defineConfig } from "vitest/config";

// npm run soak: what the suite does for seconds, for as long as SOAK_MINUTES says.
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 0,
  },
});
