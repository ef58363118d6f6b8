import { inspect } from "node:util";
import vm from "node:vm";
import { createExecutor } from "tslab/dist/executor";
import { JupyterHandlerImpl } from "tslab/dist/jupyter";
import { type Completeness, completeness } from "./completeness";
import { createConverters } from "./convert";
import { type Diagnostic, describeDiagnostics, diagnosticLines } from "./diagnostics";
import { type CellError, describeThrown, INTERRUPTED, INTERRUPTION, isInterruption } from "./errors";
import { withRealPaths } from "./folder";
import { History } from "./history";
import { withModule } from "./import-completion";
import type { Interrupts } from "./interrupts";
import { knowingEnough } from "./late-types";
import { toCodePoints, toUtf16 } from "./positions";
import { newestProgram } from "./program";
import { notesOnPromises } from "./promises";
import { shiftTabText } from "./shift-tab/shift-tab";
import { ts } from "./typescript";
import { asCellsHaveIt, untouched } from "./untouched";

const AFRESH = Symbol.for("socket-workshop.afresh");

/** What became of a cell. */
export type Outcome =
  /** `result` shows the value of the last expression, if it has one; `notes` are said beside it: compiler messages that do not stop the cell, a missing `await`. */
  { ok: true; result: string | undefined; notes: string[] } | { ok: false; error: CellError };

/** Where a question about code is asked: `cursor_pos` counts code points. */
export interface Cursor {
  code: string;
  cursor_pos: number;
}

/**
 * tslab's executor, with its console replaced: tslab prints a thrown value with `console.error(value)`, and a compiler message with `console.error("%s%d:%d - %s", file, line, column, text)`.
 */
export class Engine {
  #count = 0;
  /** A cell is being compiled, and run as far as its first await. */
  #starting = false;
  #thrown: { value: unknown } | undefined;
  #diagnostics: Diagnostic[] = [];
  readonly #converters = createConverters(() => this.#count);
  readonly #executor = createExecutor(process.cwd(), this.#converters, {
    log: () => {}, // For the value of the last line, which it gets from nobody: see names/cell.ts.
    error: (...values: unknown[]) => {
      if (values.length === 1) this.#thrown = { value: values[0] };
      else this.#diagnostics.push(diagnostic(values));
    },
  });
  readonly history = new History();
  readonly #tslab = new JupyterHandlerImpl(this.#executor, false);

  constructor(readonly interrupts: Interrupts) {
    runCellsAsTheyAre();
    const { node } = this.#converters;
    const convert = node.convert.bind(node);
    node.convert = (...code) => {
      const converted = convert(...code);
      // An interrupt while a cell was compiled ends it before it runs: what it may run for ever would never hear of it.
      if (this.#starting && interrupts.takePending()) throw new Error(INTERRUPTION);
      return converted;
    };
  }

  /** Runs a cell. Never rejects: whatever cannot be asked of what the cell has thrown or returned is an error of that cell. */
  async run(code: string, count: number): Promise<Outcome> {
    try {
      return await this.#run(code, count);
    } catch (thrown) {
      return untouched(() => ({ ok: false, error: describeThrown(thrown) }));
    }
  }

  async #run(code: string, count: number): Promise<Outcome> {
    const ok = await untouched(() => this.#start(code, count));
    return untouched(() => this.#outcome(code, ok));
  }

  /** @returns whether it has run to its end */
  #start(code: string, count: number): Promise<boolean> {
    this.#count = count;
    this.#thrown = undefined;
    this.#diagnostics = [];
    this.interrupts.unwound = false;
    // What an interrupt has left half done: see cells/afresh.ts.
    const resets = (globalThis as unknown as Record<symbol, (() => void)[] | undefined>)[AFRESH] ?? [];
    for (const reset of resets) reset();
    this.#starting = true;
    const finished = this.interrupts.inCell(() =>
      this.#executor.execute(code).catch((thrown: unknown) => {
        this.#thrown = { value: thrown };
        return false;
      }),
    );
    this.#starting = false;
    // What the cell has left waiting ends as it does when an interrupt comes while the cell itself waits.
    if (this.#isInterrupted()) asCellsHaveIt(() => this.interrupts.tellAll());
    return finished;
  }

  #outcome(code: string, ok: boolean): Outcome {
    const value = this.#converters.node.ended(ok);
    if (!ok) return { ok, error: this.#error(code) };
    return {
      ok,
      result: shown(value),
      notes: [...diagnosticLines(code, this.#diagnostics), ...notesOnPromises(value)],
    };
  }

  /**
   * Does ahead, while nobody waits, what the first import of kernel-helpers needs: the compiler reads its declarations, and the package is
   * loaded. Measured: a first cell with the import takes a third of the time.
   */
  warmUp(): void {
    this.interrupts.atWork(() => this.#warmUp());
  }

  #warmUp(): void {
    // Twice: the first reads the files, the second goes the way that a first cell goes.
    for (const name of ["helpers", "first"]) {
      this.#converters.node.warmUp(`import * as ${name} from "kernel-helpers";\nconst port = ${name}.choosePort();`);
    }
    try {
      require("kernel-helpers");
    } catch {
      // The cell that imports it will say why it cannot be loaded.
    }
  }

  /** Ends the cell that waits in an `await`. */
  interrupt(): void {
    untouched(() => this.#executor.interrupt());
  }

  isComplete(code: string): Completeness {
    return this.#atWork(() => completeness(ts, code));
  }

  inspect({ code, cursor_pos }: Cursor): object {
    const position = toUtf16(code, cursor_pos);
    return this.#atWork(() => {
      const text = knowingEnough(() => {
        const quick = this.#executor.inspect(code, position);
        return shiftTabText(ts, quick, newestProgram(), code, position);
      });
      return {
        status: "ok",
        found: text !== undefined,
        data: text === undefined ? {} : { "text/plain": withRealPaths(text) },
        metadata: {},
      };
    });
  }

  complete({ code, cursor_pos }: Cursor): object {
    return this.#atWork(() => {
      const cursor = toUtf16(code, cursor_pos);
      const reply = this.#tslab.handleComplete({ code: withModule(code, cursor), cursor_pos: cursor });
      const position = (index: number) => toCodePoints(code, index);
      return { ...reply, cursor_start: position(reply.cursor_start), cursor_end: position(reply.cursor_end) };
    });
  }

  /** What no interrupt ends, and nothing changes that a cell has replaced. */
  #atWork<T>(work: () => T): T {
    return untouched(() => this.interrupts.atWork(work));
  }

  #error(code: string): CellError {
    if (this.#thrown === undefined) return describeDiagnostics(code, this.#diagnostics);
    // Code that is ended in the middle can leave anything behind as its error.
    return this.interrupts.unwound || this.#isInterrupted() ? INTERRUPTED : describeThrown(this.#thrown.value);
  }

  #isInterrupted(): boolean {
    return this.#thrown !== undefined && isInterruption(this.#thrown.value);
  }
}

/** tslab's executor is the kernel's work, and what it runs with `breakOnSigint` is a cell. It finds the cell's way to the kernel by a global name. */
function runCellsAsTheyAre(): void {
  const { runInThisContext } = vm;
  vm.runInThisContext = (code, options) => {
    const run = () => runInThisContext(code, options);
    return typeof options === "object" && options.breakOnSigint === true ? asCellsHaveIt(run) : run();
  };
  Object.defineProperty(globalThis, "__tslab__", { writable: false, configurable: false, enumerable: false });
}

/** As tslab: nothing for undefined and null. */
function shown(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : inspect(value);
}

function diagnostic(values: unknown[]): Diagnostic {
  const [, file, line, column, text] = values as [string, string, number, number, string];
  return { file, line, column, text };
}
