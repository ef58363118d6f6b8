import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A class makes accounts, which root alone can. */
const CLASS = process.getuid?.() === 0 ? ["test/hub/class.test.ts"] : [];

const ORDER = ["long", "exits", "arguments", "restarts", "class"];

/** What is random first, as CONTRIBUTING.md says. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => ORDER.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

// npm run soak: what the suite does for seconds, for as long as SOAK_MINUTES says; and a class of ten.
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts", ...CLASS],
    env: { SOAK_LEARNERS: "10" },
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 0,
    sequence: { sequencer: InOrder },
  },
});
