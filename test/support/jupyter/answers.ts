import { expect } from "vitest";
import type { Cell } from "./cell.js";
import type { Kernel } from "./kernel.js";

/** Short ways to ask a kernel in a test. */
export function answers(kernel: () => Kernel) {
  /** A cell that must run well. */
  async function run(code: string): Promise<Cell> {
    const cell = await kernel().execute(code);
    expect(cell.errors[0]?.traceback.join("\n"), code).toBeUndefined();
    return cell;
  }

  return {
    run,
    /** The value of its last line. */
    async value(code: string): Promise<string | undefined> {
      return (await run(code)).results[0]?.["text/plain"];
    },
    /** What a cell says that must fail. */
    async failure(code: string): Promise<string> {
      const cell = await kernel().execute(code);
      expect(cell.status, code).toBe("error");
      return cell.errors[0]!.evalue;
    },
  };
}
