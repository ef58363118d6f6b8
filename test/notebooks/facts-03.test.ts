import { beforeAll } from "vitest";
import { here } from "../support/environments.js";
import { type Machine, machineIn } from "../support/machine.js";
import { datagramFacts } from "./facts-03.js";
import { type Outputs, outputsOf } from "./outputs.js";

let shown: Outputs;
let machine: Machine;

beforeAll(async () => {
  machine = await machineIn(here);
  shown = await outputsOf("03-datagrams");
});

datagramFacts(
  (id) => shown(id),
  () => machine,
);
