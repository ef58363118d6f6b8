import { describeThrown } from "./errors";
import { ownTheErrorsOfMicrotasks } from "./microtasks";
import { NOBODY_AWAITS } from "./promises";
import { untouched } from "./untouched";

/**
 * An error in a timer, an event handler or an abandoned promise belongs to no cell: it is shown in the cell that was started last,
 * under tslab's words for it, and the kernel lives on.
 */
export function reportCallbackErrors(): void {
  ownTheErrorsOfMicrotasks();
  process.on("uncaughtException", (thrown) => report("UncaughtException", thrown, []));
  process.on("unhandledRejection", (thrown) => report("UnhandledPromiseRejection", thrown, [NOBODY_AWAITS]));
}

function report(kind: string, thrown: unknown, notes: string[]): void {
  untouched(() =>
    process.stderr.write(`${[`${kind}: ${describeThrown(thrown).traceback.join("\n")}`, ...notes].join("\n")}\n`),
  );
}
