import { type Declaration, join, merge, split } from "./declarations";
import type { CellFacts } from "./facts";
import type { TypeScript } from "./typescript";
import { type Run, Variables } from "./variables";

/** A cell that runs, or has failed. */
interface Attempted {
  run: Run;
  count: number;
  facts: CellFacts;
  declarations: Declaration[];
}

/** What the cells have declared so far: for the compiler, and for the code that runs. */
export class Names {
  readonly variables = new Variables();
  #known: Declaration[] = [];
  #current: Attempted | undefined;
  /** Names that a failed cell declares behind the place where it ended. */
  readonly #missing = new Map<string, Attempted>();

  constructor(readonly ts: TypeScript) {}

  /** The declarations of all cells, as the text of a `.d.ts` file. */
  get declarations(): string {
    this.#catchUp();
    return join(this.#known);
  }

  begin(facts: CellFacts, declarations: string, count: number): Run {
    const run: Run = { reached: 0, load };
    this.variables.prepare(facts, count);
    this.#current = { run, count, facts, declarations: split(this.ts, declarations, facts) };
    return run;
  }

  /**
   * The cell has ended. When it has failed, its names are known as far as it came, and what it would have declared anew is still what it
   * was before. Types and functions do not wait for their turn.
   */
  end(ok: boolean): unknown {
    const cell = this.#current;
    this.#current = undefined;
    if (cell === undefined) return undefined;
    const { declarations, run } = cell;
    for (const { name } of declarations) this.#missing.delete(name);
    if (!ok) for (const { name } of declarations) if (!isReached(cell, name)) this.#missing.set(name, cell);
    this.#known = merge(
      this.#known,
      declarations.filter(({ name }) => this.#missing.get(name) !== cell),
    );
    const { result } = run;
    run.result = undefined; // An interrupted cell can live on, and its value should not.
    return result;
  }

  /** Why a name is not known, if a cell that has failed declares it. */
  whyUnknown(name: string): string | undefined {
    const cell = this.#missing.get(name);
    return cell && `Cell [${cell.count}] declares it, but ended before it came to that line.`;
  }

  /** An interrupted cell can still go on, behind its `await`. */
  #catchUp(): void {
    for (const [name, cell] of this.#missing) {
      if (!isReached(cell, name)) continue;
      this.#missing.delete(name);
      this.#known = merge(
        this.#known,
        cell.declarations.filter((one) => one.name === name),
      );
    }
  }
}

function isReached({ run, facts }: Attempted, name: string): boolean {
  const step = facts.steps.indexOf(name);
  return step < run.reached; // Also what is no step: -1.
}

/** Late: what is in a start-up snapshot cannot `import()`, and this file is. */
async function load(specifier: unknown): Promise<object> {
  const { loadModule }: typeof import("./load-module") = require("./load-module");
  return loadModule(specifier);
}
