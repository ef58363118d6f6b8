import { inspect } from "node:util";
import { createExecutor } from "tslab/dist/executor";
import { JupyterHandlerImpl } from "tslab/dist/jupyter";
import { createConverters } from "./convert";
import { type Diagnostic, describeDiagnostics, diagnosticLines } from "./diagnostics";
import { type CellError, describeThrown, INTERRUPTED, isInterruption } from "./errors";
import type { Interrupts } from "./interrupts";
import { toCodePoints, toUtf16 } from "./positions";
import { newestProgram } from "./program";
import { notesOnPromises } from "./promises";
import { shiftTabText } from "./shift-tab/shift-tab";
import { ts } from "./typescript";

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
 * tslab's executor, with its console replaced: tslab prints the value of a cell with `console.log`, a thrown value with
 * `console.error(value)`, and a compiler message with `console.error("%s%d:%d - %s", file, line, column, text)`.
 */
export class Engine {
  #count = 0;
  #value: unknown;
  #thrown: { value: unknown } | undefined;
  #diagnostics: Diagnostic[] = [];
  readonly #converters = createConverters(() => this.#count);
  readonly #executor = createExecutor(process.cwd(), this.#converters, {
    log: (value: unknown) => {
      this.#value = value;
    },
    error: (...values: unknown[]) => {
      if (values.length === 1) this.#thrown = { value: values[0] };
      else this.#diagnostics.push(diagnostic(values));
    },
  });
  readonly #tslab = new JupyterHandlerImpl(this.#executor, false);

  constructor(readonly interrupts: Interrupts) {}

  /** Runs a cell. Never rejects. */
  async run(code: string, count: number): Promise<Outcome> {
    this.#count = count;
    this.#value = undefined;
    this.#thrown = undefined;
    this.#diagnostics = [];
    const finished = this.interrupts.inCell(() =>
      this.#executor.execute(code).catch((thrown: unknown) => {
        this.#thrown = { value: thrown };
        return false;
      }),
    );
    const ok = await finished;
    if (!ok) return { ok, error: this.#error(code) };
    try {
      return {
        ok,
        result: this.#result(),
        notes: [...diagnosticLines(code, this.#diagnostics), ...notesOnPromises(this.#value)],
      };
    } catch (thrown) {
      return { ok: false, error: describeThrown(thrown) }; // The value's own `[util.inspect.custom]` failed.
    }
  }

  /**
   * Does ahead, while nobody waits, what the first import of kernel-helpers needs: the compiler reads its declarations, and the package is
   * loaded. Measured: a first cell with the import takes a third of the time.
   */
  warmUp(): void {
    // Twice: the first reads the files, the second goes the way that a first cell goes.
    for (const name of ["helpers", "first"]) {
      this.#converters.node.convert(
        "",
        `import * as ${name} from "kernel-helpers";\nconst port = ${name}.choosePort();`,
      );
    }
    try {
      require("kernel-helpers");
    } catch {
      // The cell that imports it will say why it cannot be loaded.
    }
  }

  /** Ends the cell that waits in an `await`. */
  interrupt(): void {
    this.#executor.interrupt();
  }

  isComplete(content: { code: string }): object {
    return this.#tslab.handleIsComplete(content);
  }

  inspect({ code, cursor_pos }: Cursor): object {
    const position = toUtf16(code, cursor_pos);
    const quick = this.#executor.inspect(code, position);
    const text = shiftTabText(ts, quick, newestProgram(), code, position);
    return {
      status: "ok",
      found: text !== undefined,
      data: text === undefined ? {} : { "text/plain": text },
      metadata: {},
    };
  }

  complete({ code, cursor_pos }: Cursor): object {
    const reply = this.#tslab.handleComplete({ code, cursor_pos: toUtf16(code, cursor_pos) });
    const position = (index: number) => toCodePoints(code, index);
    return { ...reply, cursor_start: position(reply.cursor_start), cursor_end: position(reply.cursor_end) };
  }

  /** As tslab: nothing for undefined and null. */
  #result(): string | undefined {
    return this.#value === undefined || this.#value === null ? undefined : inspect(this.#value);
  }

  #error(code: string): CellError {
    if (this.#thrown === undefined) return describeDiagnostics(code, this.#diagnostics);
    const { value } = this.#thrown;
    return isInterruption(value) ? INTERRUPTED : describeThrown(value);
  }
}

function diagnostic(values: unknown[]): Diagnostic {
  const [, file, line, column, text] = values as [string, string, number, number, string];
  return { file, line, column, text };
}
