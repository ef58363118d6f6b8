/** Where the output of a cell goes. */
export interface Sink {
  stream(name: "stdout" | "stderr", text: string): void;
  display(msgType: "display_data" | "update_display_data", content: object): void;
}

type Write = typeof process.stdout.write;

/**
 * From now on everything that is written to stdout and stderr, and every tslab display, belongs to this sink: a cell's, until the
 * next cell starts, also when the cell has ended. Each cell gets new `write` functions, as with tslab: the helpers tell runs apart by them.
 */
export function direct(sink: Sink): void {
  for (const name of ["stdout", "stderr"] as const) {
    process[name].isTTY = false; // A notebook: no colours, even when Jupyter itself was started in a terminal.
    process[name].write = writeTo((text) => sink.stream(name, text));
  }
  // Not at the top of this file: it loads the compiler, and the kernel answers its first requests before that.
  const jupyter: { lastWriteDisplayData: unknown } = require("tslab/dist/jupyter");
  jupyter.lastWriteDisplayData = (content: object, update: boolean) =>
    sink.display(update ? "update_display_data" : "display_data", content);
}

function writeTo(publish: (text: string) => void): Write {
  const decoder = new TextDecoder();
  return (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
    const bytes =
      typeof chunk === "string" && typeof encoding === "string"
        ? Buffer.from(chunk, encoding as BufferEncoding)
        : chunk;
    const text = typeof bytes === "string" ? bytes : decoder.decode(bytes, { stream: true });
    if (text !== "") publish(text);
    const written = typeof encoding === "function" ? encoding : callback;
    if (typeof written === "function") process.nextTick(written as () => void);
    return true;
  };
}
