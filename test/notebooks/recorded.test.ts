import { expect, test } from "vitest";
import { withoutNamespaces } from "../support/environments.js";
import { withKernel } from "../support/jupyter/index.js";
import { readNotebook } from "../support/notebooks.js";
import { recordedFilms, spread } from "./facts-04.js";
import { outputsIn } from "./outputs.js";

/** As far as the first film with loss, and the end. */
function untilLoss() {
  const { code } = readNotebook("04-real-time");
  const until = code.findIndex(({ id }) => id === "tell");
  return [...code.slice(0, until + 1), code.at(-1)!];
}

test("where nobody may have a network of one's own, the notebook says so and shows what was recorded", async () => {
  const options = { spec: "ours", ...withoutNamespaces().kernel } as const;
  const { shown: there } = await withKernel(options, (kernel) => outputsIn(kernel, untilLoss()));
  expect(there("lab").text).toMatch(/ProcessError: .*this machine does not allow a network of one's own/);
  expect(there("lab").text).toMatch(/^lab +started as process \d+$/m);
  expect(there("loss-udp").text).toContain("throws away 20 % of the datagrams");
  expect(there("loss-tcp").text).toMatch(/SO_ATTACH_FILTER\) = -1 EPERM[\s\S]*CAP_NET_ADMIN/);
  expect(there("loss-show").film.at(-1)).toMatch(/^20 % are lost \(of UDP only\)\. .*TCP: 100 values/);
  expect(there("recorded").picture).toMatch(/^RECORDED: 20 % are lost\. .*TCP, recorded: 100 values/);
  expect(there("tell").text).toMatch(/^TCP: 100 frames, \d+ too old, the oldest \d+ ms \(RECORDED\)$/m);
});

test("what the text says of the recorded films is in the recording", () => {
  const films = recordedFilms();
  // Without loss: what the machine itself has done to the films. Nothing was of no use.
  expect([spread(films["0"]!, 0), spread(films["0"]!, 2)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  const [udp, tcp] = [spread(films["10"]!, 0), spread(films["10"]!, 2)];
  // "A film over TCP can be perfect, and it can be ruined": the middle one about as good, the worst one without half of its frames.
  expect(tcp[0]).toBe(0);
  expect(Math.abs(tcp[1] - udp[1])).toBeLessThan(5);
  expect(tcp[2]).toBeGreaterThan(40);
  expect(tcp[2]).toBeLessThan(60);
  // "Every film over UDP misses about what the network loses."
  for (const loss of [5, 10, 20]) {
    const [least, middle, most] = spread(films[loss]!, 0);
    expect(least).toBeGreaterThan(0);
    expect(Math.abs(middle - loss)).toBeLessThan(3);
    expect(most).toBeLessThan(2 * loss);
  }
  // The longest waits at 10 %.
  expect(spread(films["10"]!, 1)[2]).toBeLessThanOrEqual(100);
  expect(spread(films["10"]!, 3)[1]).toBeGreaterThan(200);
  expect(spread(films["10"]!, 3)[1]).toBeLessThan(300);
  expect(spread(films["10"]!, 3)[2]).toBeGreaterThan(1_000);
});
