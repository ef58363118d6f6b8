import { join } from "node:path";

/** The name by which cells import this package. */
export const NAME = "kernel-helpers";
/** Its folder. */
export const PACKAGE = join(__dirname, "..", "..");
