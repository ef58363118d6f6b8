import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders and files that take minutes, the longest before the others: what begins last should end soon, or one file alone runs at the end. */
const LONG = [
  "test/hub/",
  "test/start/",
  "test/browser/",
  "test/handouts/",
  "test/notebooks/",
  "test/contract/strace.",
  "test/contract/pins.",
  "test/kernel/",
  "test/real/random-operations.",
  "test/real/blocking-waits.",
  "test/real/",
];

const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONG.findIndex((folder) => moduleId.includes(`/${folder}`));
  return found < 0 ? LONG.length : found;
};

/** Within a folder vitest's own order: what failed last time, then by the last time's length, in a fresh clone by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
