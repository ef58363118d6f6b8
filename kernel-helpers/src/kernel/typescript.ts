import { createRequire } from "node:module";
import type { TypeScript } from "./names/typescript";

/** The compiler that tslab brings, and that converts the cells. Loading this file loads it, unless tslab has done so already. */
export const ts: TypeScript = createRequire(require.resolve("tslab/dist/converter"))("@tslab/typescript-for-tslab");
