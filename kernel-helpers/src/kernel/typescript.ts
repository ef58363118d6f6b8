import { createRequire } from "node:module";

/** The compiler that tslab brings, and that converts the cells. Loading this file loads it, unless tslab has done so already. */
export const ts: typeof import("@tslab/typescript-for-tslab") = createRequire(require.resolve("tslab/dist/converter"))(
  "@tslab/typescript-for-tslab",
);
