/**
 * The colours. An `<img>` does not see the page's theme, so every picture brings its own light paper; each ink has a contrast of
 * at least 5 to 1 on it, and none of them says anything that a shape or a word does not say too.
 */
export const INK = {
  paper: "#ffffff",
  frame: "#d0d7de",
  text: "#1f2328",
  quiet: "#57606a",
  line: "#8c959f",
  bytes: "#0550ae",
  connection: "#6639ba",
  error: "#b3261e",
  wait: "#7a4a00",
  waitFill: "#fff1c2",
  shade: "#f1f3f5",
} as const;

/** What every system has; nothing is loaded. */
export const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/** The size of the letters, in pixels. */
export const SIZE = 11;
