import { availableParallelism, totalmem } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.js";
import { hasOwnNetworks, ownNetworks } from "./test/support/own-network.js";
import { PATIENCE_MS, TEST_PATIENCE_MS } from "./test/support/time.js";

const isolated = hasOwnNetworks();

/** These start kernels and ask them. The kernels have ranges of ports of their own: beside each other they can be in one network too, where it must be. */
const KERNELS = ["test/kernel/**/*.test.ts", "test/notebooks/**/*.test.ts"];
/** These use the machine's network: they install over it, have a JupyterLab or a hub whose ports it chooses, or make no connection at all. */
const MACHINE = [
  "test/start/**/*.test.ts",
  "test/contract/**/*.test.ts",
  "test/browser/**/*.test.ts",
  "test/hub/**/*.test.ts",
  "test/handouts/**/*.test.ts",
];
const PURE = ["test/unit/**/*.test.ts", "test/pictures/**/*.test.ts"];
/** Notebook 04 measures time: what it shows is looked at when nothing runs beside it. */
const TIMED = ["test/notebooks/facts-04.test.ts"];
const NEVER = ["test/bench/**", "test/soak/**", "**/node_modules/**"];

/** In bytes of memory: what four files at a time can want, and as much again for the rest of the machine. */
const ROOMY = 8e9;

/**
 * Some of the time is waiting, for deadlines, servers and the browser: two files more than there are processors. With one more, two processors
 * rested a fifth of the time; with three more they never rest, and all of it takes longer. Not more than four: each has 30 ranges of ports
 * (test/support/port-range.ts), and a JupyterLab with a browser wants a gigabyte.
 */
const WORKERS = Math.min(availableParallelism() + 2, totalmem() < ROOMY ? 3 : 4);

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: TEST_PATIENCE_MS,
    hookTimeout: TEST_PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: isolated ? "own network" : "alone",
          include: ["test/**/*.test.ts"],
          exclude: [...NEVER, ...TIMED, ...KERNELS, ...MACHINE, ...PURE],
          // They choose their ports from one range, and some look at all sockets of the machine.
          ...(isolated ? { pool: ownNetworks, maxWorkers: WORKERS } : { maxWorkers: 1 }),
          sequence: { groupOrder: isolated ? 0 : 1 },
        },
      },
      // What is looked at is another process, or leaves nothing behind in its own: the next file has the process, with all that is loaded.
      {
        extends: true,
        test: {
          name: "kernels",
          include: KERNELS,
          exclude: [...NEVER, ...TIMED],
          isolate: false,
          ...(isolated ? { pool: ownNetworks } : {}),
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          include: [...MACHINE, ...PURE],
          exclude: [...NEVER, ...TIMED],
          isolate: false,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "timed", include: TIMED, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
