import { defineConfig } from "vitest/config";

/** A class makes accounts, which root alone can. */
const CLASS = process.getuid?.() === 0 ? ["test/hub/class.test.ts"] : [];

// npm run soak: what the suite does for seconds, for as long as SOAK_MINUTES says; and a class of ten.
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts", ...CLASS],
    env: { SOAK_LEARNERS: "10" },
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 0,
  },
});
