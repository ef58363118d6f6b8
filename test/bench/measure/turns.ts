import { start } from "../../support/child.js";
import { LONG_PATIENCE_MS } from "../../support/time.js";

/** How often each program has its turn. */
export const TURNS = 7;
/** Before them, so that a compiler that works while the program runs has done its work. */
const WARM_UP = 5;

/** What one round of a turn took, in microseconds. */
export interface Turn {
  /** The time that the program worked, on all its threads: what others do meanwhile is not counted. */
  work: number;
  /** The time that passed. */
  passed: number;
}

/** A program that is measured: it makes a turn when it is told to. Two programs that work at one thing are one side. */
export interface Side {
  turn(rounds: number): Promise<Turn>;
  end(): void;
}

/** The command line of a program that makes turns (turns.h, turns.py, turns.mjs). */
export type CommandLine = readonly [program: string, ...args: string[]];

/** Starts a program that makes turns. It ends with its input, at the latest when this process does. */
export function program([command, ...args]: CommandLine): Side & { line(): Promise<string> } {
  const child = start(command, args, { limit: LONG_PATIENCE_MS });
  child.ended.catch(() => {});
  return {
    line: () => child.line(),
    async turn(rounds) {
      child.write(`${rounds}\n`);
      const [work, passed] = (await child.line()).split(" ").map(Number) as [number, number];
      return { work, passed };
    },
    end: () => child.process.kill(),
  };
}

/** Two programs that work at one thing: one tells its port, the other is told it. The work of both counts. */
export async function programs(one: CommandLine, other: CommandLine): Promise<Side> {
  const first = program(one);
  const port = await first.line();
  const second = program([...other, port]);
  return {
    async turn(rounds) {
      const [a, b] = await Promise.all([first.turn(rounds), second.turn(rounds)]);
      return { work: a.work + b.work, passed: Math.max(a.passed, b.passed) };
    },
    end() {
      second.end();
      first.end();
    },
  };
}

/** What the turns of each side took, in the order in which they were made. */
export type Measured<Name extends string> = Record<Name, { work: number[]; passed: number[] }>;

/**
 * Measures sides in turns, so that what else the machine does slows all of them down, and ends them.
 *
 * @param rounds of one turn
 */
export async function inTurns<Name extends string>(
  sides: Partial<Record<Name, Side>>,
  rounds: number,
): Promise<Partial<Measured<Name>>> {
  const all = Object.entries(sides) as [Name, Side][];
  const measured: Partial<Measured<Name>> = {};
  try {
    for (let turn = -WARM_UP; turn < TURNS; turn++) {
      for (const [name, side] of all) {
        const { work, passed } = await side.turn(rounds);
        if (turn < 0) continue;
        measured[name] ??= { work: [], passed: [] };
        measured[name].work.push(work);
        measured[name].passed.push(passed);
      }
    }
  } finally {
    for (const [, side] of all) side.end();
  }
  return measured;
}
