import { cleaned } from "./lib/notebook-text.mjs";

// A filter of git (lib/notebook-filter.mjs): a notebook comes in, and goes out without what a run has left in it.
// What is no notebook, such as one with the marks of a merge, goes out as it came in: git must never be stopped.
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = Buffer.concat(chunks);
/** @type {string | Buffer} */
let output = input;
try {
  output = cleaned(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input));
} catch {
  // as it came in
}
process.stdout.write(output);
