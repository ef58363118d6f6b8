import { join } from "node:path";
import { PACKAGE } from "./package";
import { snapshotFile } from "./snapshot/place";

/** Where the programs are that a kernel spec starts; absolute paths, because Jupyter's PATH need not hold them. */
export interface SpecPaths {
  /** The node executable. */
  node: string;
  /** The compiled `launcher.js` beside this file. */
  launcher: string;
}

/** What starts Node, from a snapshot if there is one. */
export const STARTER = join(PACKAGE, "bin", "kernel.sh");

/** The command that starts a kernel; Jupyter puts the path of a file in the place of the last word. */
export const kernelCommand = ({ node, launcher }: SpecPaths): string[] => [
  "/bin/sh",
  STARTER,
  snapshotFile(node),
  node,
  launcher,
  "{connection_file}",
];

/** The first kernel's display name, and that of the second. */
const NAMES = { shared: "TypeScript (socket workshop)", own: "TypeScript (a network of its own)" };

/** The entry point of `provisioner/` that starts a kernel in its own network. Without that package Jupyter hides the kernel. */
const OWN_NETWORK = { kernel_provisioner: { provisioner_name: "socket-workshop-own-network" } };

/** The content of `kernel.json` for our kernel (Jupyter client documentation, "Kernel specs"). */
export function kernelSpec(paths: SpecPaths, network: "shared" | "own" = "shared") {
  return {
    argv: kernelCommand(paths),
    display_name: NAMES[network],
    language: "typescript",
    interrupt_mode: "signal",
    metadata: { debugger: false, ...(network === "own" ? OWN_NETWORK : {}) },
  };
}
