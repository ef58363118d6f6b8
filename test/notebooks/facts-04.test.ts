import { beforeAll, expect, test } from "vitest";
import { withoutNamespaces } from "../support/environments.js";
import { withKernel } from "../support/jupyter/index.js";
import { readNotebook } from "../support/notebooks.js";
import { lossFacts, timeFacts } from "./facts-04.js";
import { type Outputs, outputsIn, outputsOf } from "./outputs.js";

const NOTEBOOK = "04-real-time";
let shown: Outputs;

beforeAll(async () => {
  shown = await outputsOf(NOTEBOOK);
});

lossFacts((id) => shown(id));
timeFacts((id) => shown(id));

/** As far as the first film with loss, and the end. */
function untilLoss() {
  const { code } = readNotebook(NOTEBOOK);
  const until = code.findIndex(({ id }) => id === "tell");
  return [...code.slice(0, until + 1), code.at(-1)!];
}

test("where nobody may have a network of one's own, the notebook says so and shows what was recorded", async () => {
  const options = { spec: "ours", ...withoutNamespaces().kernel } as const;
  const there = await withKernel(options, (kernel) => outputsIn(kernel, untilLoss()));
  expect(there("lab").text).toMatch(/ProcessError: .*this machine does not allow a network of one's own/);
  expect(there("lab").text).toMatch(/^lab +started as process \d+$/m);
  expect(there("loss-udp").text).toContain("throws away 20 % of the datagrams");
  expect(there("loss-tcp").text).toMatch(/SO_ATTACH_FILTER\) = -1 EPERM[\s\S]*CAP_NET_ADMIN/);
  expect(there("loss-show").film.at(-1)).toMatch(/^20 % are lost \(of UDP only\)\. .*TCP: 100 values/);
  expect(there("recorded").picture).toMatch(/^RECORDED: 20 % are lost\. .*TCP, recorded: 100 values/);
  expect(there("tell").text).toMatch(/^TCP: 100 frames, \d+ too old, the oldest \d+ ms \(RECORDED\)$/m);
});
