import type { CellOutput, StreamName } from "./cell-output";
import { untouched } from "./untouched";

type Write = typeof process.stdout.write;

/** tslab's inside: what its `display` calls. */
interface Displays {
  lastWriteDisplayData(content: object, update: boolean): void;
}

/**
 * From now on everything that is written to stdout and stderr, and every tslab display, goes to the output of the cell that has started the
 * code in progress: `output` tells which. To be called for every cell: one that has put another `write` in its place and left it there
 * must not make the next ones mute.
 */
export function capture(output: () => CellOutput): void {
  for (const name of ["stdout", "stderr"] as const) {
    process[name].isTTY = false; // A notebook: no colours, even when Jupyter itself was started in a terminal.
    process[name].write = writeTo(name, output);
  }
  // Not at the top of this file: it loads the compiler, and the kernel answers its first requests before that.
  const jupyter: Displays = require("tslab/dist/jupyter");
  jupyter.lastWriteDisplayData = (content, update) => {
    untouched(() => output().display(update ? "update_display_data" : "display_data", content));
  };
}

function writeTo(name: StreamName, output: () => CellOutput): Write {
  return (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
    const bytes =
      typeof chunk === "string" && typeof encoding === "string"
        ? Buffer.from(chunk, encoding as BufferEncoding)
        : chunk;
    const place = output();
    if (typeof bytes !== "string" || !place.append(name, bytes))
      untouched(() => place.write(name, typeof bytes === "string" ? bytes : place.decode(name, bytes)));
    const written = typeof encoding === "function" ? encoding : callback;
    if (typeof written === "function") process.nextTick(written as () => void);
    return true;
  };
}
