import { describeThrown } from "./errors";
import { ownTheErrorsOfMicrotasks } from "./microtasks";
import { NOBODY_AWAITS } from "./promises";
import { untouched } from "./untouched";

const { apply } = Reflect;

/**
 * An error in a timer, an event handler or an abandoned promise belongs to no cell: it is shown in the cell that was started last,
 * under tslab's words for it, and the kernel lives on.
 */
export function reportCallbackErrors(): void {
  ownTheErrorsOfMicrotasks();
  keep("uncaughtException", (thrown) => report("UncaughtException", thrown, []));
  keep("unhandledRejection", (thrown) => report("UnhandledPromiseRejection", thrown, [NOBODY_AWAITS]));
}

/** Listens to the end: without a listener an error ends the process, and `process.removeAllListeners()` in a cell takes all of them away. */
function keep(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): void {
  const target: NodeJS.EventEmitter = process;
  const ensure = () => {
    if (!target.listeners(event).includes(listener)) target.prependListener(event, listener);
  };
  const { removeAllListeners, removeListener } = process;
  // Node calls them around each cell, which may have replaced what `f(...args)` asks for.
  process.removeAllListeners = (...args) => {
    apply(removeAllListeners, process, args);
    untouched(ensure);
    return process;
  };
  process.removeListener = process.off = (...args: unknown[]) => {
    apply(removeListener, process, args);
    untouched(ensure);
    return process;
  };
  ensure();
}

function report(kind: string, thrown: unknown, notes: string[]): void {
  untouched(() =>
    process.stderr.write(`${[`${kind}: ${describeThrown(thrown).traceback.join("\n")}`, ...notes].join("\n")}\n`),
  );
}
