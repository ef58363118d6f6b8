/** Where the programs are that a kernel spec starts; absolute paths, because Jupyter's PATH need not hold them. */
export interface SpecPaths {
  /** The node executable. */
  node: string;
  /** The compiled `launcher.js` beside this file. */
  launcher: string;
}

/** The content of `kernel.json` for our kernel (Jupyter client documentation, "Kernel specs"). */
export function kernelSpec({ node, launcher }: SpecPaths) {
  return {
    argv: [node, launcher, "{connection_file}"],
    display_name: "TypeScript (socket workshop)",
    language: "typescript",
    interrupt_mode: "signal",
    metadata: { debugger: false },
  };
}
