import { beforeAll } from "vitest";
import { lossFacts, timeFacts } from "./facts-04.js";
import { type Outputs, outputsOf } from "./outputs.js";

let shown: Outputs;

beforeAll(async () => {
  shown = await outputsOf("04-real-time");
});

lossFacts((id) => shown(id));
timeFacts((id) => shown(id));
