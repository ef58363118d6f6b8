import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jumpAbout } from "../soak/chance-order.js";
import { freshSeed, Random } from "../soak/random.js";
import { type Environment, here, ordinaryUser, withoutIPv6, withoutIPv6Address } from "../support/environments.js";
import { withKernel } from "../support/jupyter/index.js";
import { type Machine, machineIn } from "../support/machine.js";
import { type Notebook, type NotebookCell, notebookNames, readNotebook, solved } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { connectionFacts } from "./facts-01.js";
import { bindFacts } from "./facts-02.js";
import { datagramFacts } from "./facts-03.js";
import { lossFacts } from "./facts-04.js";
import { type Outputs, outputsIn } from "./outputs.js";
import { openHandles, twice } from "./running.js";

/*
 * Every notebook on this machine and on others that are not like it: it runs to its end, and its facts are the same or are explained. The exercise
 * is run as shipped, and then as its solution has it, which without IPv6 is the same. Here the same kernel then survives a chance order, has every cell run twice, and runs it once
 * more.
 */

/** Of the chance order; a failure names it, and SOAK_SEED=… makes the same order again. `npm run soak` makes more of them. */
const seed = Number(process.env.SOAK_SEED ?? freshSeed());

const FACTS: Record<string, (shown: Outputs, machine: () => Machine) => void> = {
  "01-connection-procedure": connectionFacts,
  "02-bind": bindFacts,
  "03-datagrams": datagramFacts,
  "04-real-time": lossFacts,
};

const [home, tools] = [mkdtempSync(join(tmpdir(), "home-")), mkdtempSync(join(tmpdir(), "tools-"))];
afterAll(() => {
  for (const folder of [home, tools]) rmSync(folder, { recursive: true });
});

const [user, noAddress, noFamily] = [ordinaryUser(home), withoutIPv6Address(), withoutIPv6(tools)];
const environments = [here, user, noAddress, noFamily];
const machines = new Map<Environment, Machine>();

beforeAll(async () => {
  for (const environment of environments) machines.set(environment, await machineIn(environment));
});

describe("the environments are what they are called", () => {
  const machine = (environment: Environment) => machines.get(environment)!;

  test("an ordinary user has no privilege, and nothing in its home", () => {
    expect(machine(user)).toMatchObject({ capabilities: 0n, home: [] });
    expect(machine(user).uid).not.toBe(0);
  });

  test("without IPv6 no interface has such an address; a system that does not know the family says so", () => {
    for (const environment of [noAddress, noFamily])
      expect(machine(environment).addresses.map(({ address }) => address)).toEqual(["127.0.0.1"]);
    expect([machine(noAddress).ipv6, machine(noFamily).ipv6]).toEqual(["", "EAFNOSUPPORT"]);
  });
});

interface Run {
  rounds: { shown: Outputs; checked: string }[];
  /** What handles() says at the end. */
  open: string;
}

/**
 * Here as shipped, every cell twice, solved, and as shipped once more; for an ordinary user as shipped, and then from its exercise on, solved;
 * elsewhere as shipped.
 */
function roundsOf(notebook: Notebook, environment: Environment): NotebookCell[][] {
  if (environment === here) return [notebook.code, twice(solved(notebook)), notebook.code];
  return environment === user ? [notebook.code, fromExercise(solved(notebook))] : [notebook.code];
}

/** The last cell, which closes everything, where there is no exercise. */
const fromExercise = (cells: NotebookCell[]) => cells.slice(cells.findIndex(({ id }) => id.startsWith("exercise")));

function runAgain(notebook: Notebook, environment: Environment): Promise<Run> {
  return withKernel({ spec: "ours", ...environment.kernel }, async (kernel) => {
    const rounds: Run["rounds"] = [];
    for (const cells of roundsOf(notebook, environment)) {
      // What is switched over then, such as the trace, the next round has as the notebook says.
      if (rounds.length === 1 && environment === here)
        expect(await jumpAbout(kernel, notebook.code, new Random(seed))).toEqual([]);
      rounds.push(await outputsIn(kernel, cells));
    }
    return { rounds, open: await openHandles(kernel) };
  });
}

describe.each(notebookNames())("%s", (name) => {
  const notebook = readNotebook(name);
  const runs = new Map<Environment, Promise<Run>>();

  // All at once, since most of a notebook's time is waiting; a run that fails is told where it is awaited.
  beforeAll(() => {
    for (const environment of environments) {
      const run = runAgain(notebook, environment);
      run.catch(() => {});
      runs.set(environment, run);
    }
  });

  describe.each(environments)("$name", (environment) => {
    let run: Run;
    beforeAll(async () => {
      run = await runs.get(environment)!;
    }, LONG_PATIENCE_MS);

    const rounds = roundsOf(notebook, environment);

    test("every cell ends well, each time in one kernel, and no handle is left", () => {
      expect(run.rounds).toHaveLength(rounds.length);
      expect(run.open).toContain("No handle is open.");
    });

    if (notebook.code.some(({ tags }) => tags.includes("check"))) {
      test(`the exercise fails as shipped${rounds.length > 1 ? ", and passes when it is solved" : ""}`, () => {
        const [shipped, done, again] = run.rounds.map(({ checked }) => checked);
        expect(shipped).toMatch(/^(?:✗ .*\n)+$/);
        if (done !== undefined) expect(done).toMatch(/^(?:✓ .*\n)+$/);
        if (again !== undefined) expect(again).toMatch(/^(?:✗ .*\n)+$/);
      });
    }

    const facts = FACTS[name];
    if (facts !== undefined) {
      const machine = () => machines.get(environment)!;
      // Those of cells that are run twice in a row begin with what the second run has closed.
      const whole = environment === here ? [0, 2] : [0];
      describe.each(whole)("facts, round %i", (round) => facts((id) => run.rounds[round]!.shown(id), machine));
    }
  });
});
