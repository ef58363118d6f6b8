import { beforeAll } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { readNotebook } from "../support/notebooks.js";
import { timeFacts } from "./facts-04.js";
import { type Outputs, outputsIn } from "./outputs.js";

// What holds on a busy machine too: elsewhere.test.ts. This one runs alone, so it runs no films whose ages it does not look at.
const FILMS_OF_OTHERS = ["loss-10", "loss-5", "useless-films"];

let shown: Outputs;

beforeAll(async () => {
  const cells = readNotebook("04-real-time").code.filter(({ id }) => !FILMS_OF_OTHERS.includes(id));
  ({ shown } = await withKernel({ spec: "ours" }, (kernel) => outputsIn(kernel, cells)));
});

timeFacts((id) => shown(id));
