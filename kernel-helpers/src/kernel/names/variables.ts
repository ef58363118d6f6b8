import type { CellFacts } from "./facts";
import type { LoadModule } from "./load-module";

const { defineProperty } = Reflect;

type Values = Record<string, unknown>;

/** One run of a cell, as the code of the cell knows it. */
export interface Run {
  /** How many of its steps (`CellFacts`) it has taken. */
  reached: number;
  /** The value of its last line. */
  result?: unknown;
  /** Its `import(…)`. */
  readonly load: LoadModule;
}

/**
 * The variables of all cells: one of each name. Those without a value yet stand in the table's prototype, so that the table itself stays an
 * object whose properties are found fast: measured, a million rounds of a loop over three of them take 0.02 s, and 2 s where they are in
 * tslab's table, a proxy.
 */
export class Variables {
  readonly #unset: Values = Object.create(null);
  readonly table: Values = Object.create(this.#unset);

  /** Gets ready for a cell: what it declares has no value until it is given one, except what an earlier cell has left. */
  prepare({ steps, vars, outside }: CellFacts, count: number): void {
    for (const name of outside) Object.defineProperty(this.table, name, OUTSIDE(name));
    for (const name of vars) if (!Object.hasOwn(this.table, name)) this.table[name] = undefined;
    for (const name of steps) {
      if (Object.getOwnPropertyDescriptor(this.table, name)?.get !== undefined) delete this.table[name];
      if (!Object.hasOwn(this.table, name)) Object.defineProperty(this.#unset, name, unset(name, count));
    }
  }
}

/** JavaScript's own error for a name whose declaration has not been run, and why. */
function unset(name: string, count: number): PropertyDescriptor {
  return {
    configurable: true,
    get() {
      throw new ReferenceError(
        `Cannot access '${name}' before initialization: cell [${count}] has not run the line that declares it.`,
      );
    },
    set(value: unknown) {
      // In the middle of a cell, which may have replaced that function, and given every object a property `get`.
      const property = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
      defineProperty(this as object, name, property as PropertyDescriptor);
    },
  };
}

/** What a cell has only described, with `declare const name: …`, is looked for among the global names. */
const OUTSIDE = (name: string): PropertyDescriptor => ({
  configurable: true,
  enumerable: true,
  get: () => (globalThis as unknown as Values)[name],
  set: (value: unknown) => {
    (globalThis as unknown as Values)[name] = value;
  },
});
