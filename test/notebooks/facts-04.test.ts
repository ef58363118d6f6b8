import { beforeAll, describe, expect, test } from "vitest";
import { type Outputs, outputsOf } from "./outputs.js";

/*
 * Notebook 04 shows its facts: what is judged is what the cells have printed, not what stands in them. Where chance has a part, the bounds
 * are so wide that a run outside them is expected less than once in 10,000.
 */

const NOTEBOOK = "04-real-time";
const BUDGET_MS = 90_000;
let shown: Outputs;

beforeAll(async () => {
  shown = await outputsOf(NOTEBOOK);
}, BUDGET_MS);

/** A series as the words of a plot tell it: "UDP: 81 values, from 0.41 to 2.30." */
function series(words: string | undefined, name: string) {
  const found = new RegExp(`${name}: ([\\d,]+) values?, from ([\\d.,]+) to ([\\d.,]+)\\.`).exec(words ?? "");
  expect(found, `${name} in: ${words}`).not.toBeNull();
  const [count, least, most] = found!.slice(1).map((text) => Number(text.replaceAll(",", "")));
  return { count: count!, least: least!, most: most! };
}

/** What `tell` prints of a film. */
function told(name: string) {
  const line = new RegExp(`^${name}: (\\d+) frames, (\\d+) too old, the oldest (\\d+) ms`, "m");
  const found = line.exec(shown("tell").text);
  expect(found, shown("tell").text).not.toBeNull();
  const [frames, late, oldest] = found!.slice(1).map(Number);
  return { frames: frames!, late: late!, oldest: oldest! };
}

describe("the lab", () => {
  test("has a network of its own", () => {
    expect(shown("lab").text).toMatch(/^lab +started as process \d+, in a network of its own/);
  });

  test("films over datagrams, and over a connection", () => {
    expect(shown("udp-open").text).not.toMatch(/listen|accept/);
    expect(shown("tcp-open").text).toMatch(
      /connect\(.*\) = 0\n.*setsockopt\(\d+, TCP_NODELAY, 1\) = 0\n.*accept\(.*"tcp screen→1"/,
    );
  });
});

describe("nothing is lost", () => {
  test("the ages are drawn while the frames come in, all hundred of both", () => {
    const { film } = shown("fair-show");
    expect(film[0]).toContain("UDP: no values.");
    expect(film.length).toBeGreaterThan(5);
    expect(film.length).toBeLessThan(30);
    const counts = film.slice(1).map((words) => series(words, "TCP").count);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect([series(film.at(-1), "UDP").count, series(film.at(-1), "TCP").count]).toEqual([100, 100]);
  });

  test("UDP is not simply faster: the ages are about equal", () => {
    const [udp, tcp] = shown("fair-middle")
      .text.match(/[\d.]+(?= ms)/g)!
      .map(Number);
    expect(tcp! / udp!).toBeLessThan(3);
    expect(udp! / tcp!).toBeLessThan(3);
  });
});

describe("one of five is lost", () => {
  test("the system throws it away: for TCP too", () => {
    expect(shown("loss-udp").text).toMatch(/SO_ATTACH_FILTER\) = 0 .*throws away 20 % of the datagrams/);
    expect(shown("loss-tcp").text).toMatch(/SO_ATTACH_FILTER\) = 0 .*throws away 20 % of the segments/);
  });

  test("UDP has gaps; TCP has none, and is old", () => {
    const [udp, tcp] = [told("UDP"), told("TCP")];
    expect(udp.frames).toBeGreaterThan(60);
    expect(udp.frames).toBeLessThan(97);
    expect(tcp.frames).toBe(100);
    // What is lost is noticed when the next frame comes, 20 ms later.
    expect(tcp.oldest).toBeGreaterThanOrEqual(18);
    expect(tcp.oldest).toBeGreaterThan(udp.oldest);
    expect(series(shown("loss-show").film.at(-1), "UDP").count).toBe(udp.frames);
    expect(shown("recorded").picture).toBe("");
  });

  test("segments were sent again", () => {
    expect(Number(shown("retransmitted").value)).toBeGreaterThanOrEqual(3);
  });

  test("the ladder shows the lost datagrams", () => {
    expect(shown("ladder-udp").picture).toMatch(/udp camera: send "\d+ [\d.]+ *"\.\.\. = 32; lost at udp screen/);
  });

  test("head of the line: the frames behind the oldest one came in the same moment", () => {
    const lines = [...shown("line").text.matchAll(/^frame (\d+): (\d+) ms old$/gm)];
    const ages = new Map(lines.map(([, n, age]) => [Number(n), Number(age)]));
    const oldest = Math.max(...ages.values());
    expect(oldest).toBe(told("TCP").oldest);
    const [worst] = [...ages].find(([, age]) => age === oldest)!;
    const next = ages.get(worst + 1);
    // The last frame has nobody behind it.
    if (next === undefined) expect(worst).toBe(99);
    else expect(oldest - next).toBeGreaterThanOrEqual(15);
  });
});

test("the four films: over UDP what was lost is of no use, and TCP never misses a frame", () => {
  const rates = ["0 %", "5 %", "10 %", "20 %"];
  const judged = (film: string) => {
    const found = new RegExp(`^${film}: (\\d+) of no use, longest wait (\\d+) ms$`, "m").exec(
      shown("useless-films").text,
    );
    expect(found, shown("useless-films").text).not.toBeNull();
    return { useless: Number(found![1]), wait: Number(found![2]) };
  };
  for (const rate of rates) expect(judged(`${rate} TCP`).wait, rate).toBeGreaterThanOrEqual(18);
  expect(judged("20 % UDP").useless).toBeGreaterThanOrEqual(100 - told("UDP").frames);
  expect(judged("20 % TCP").useless).toBe(told("TCP").late);
  for (const id of ["loss-5", "loss-10"]) expect(series(shown(id).film.at(-1), "TCP").count, id).toBe(100);
});

describe("the slow screen", () => {
  test("one position for each picture: the past. The newest one: the present", () => {
    const last = shown("slow-run").film.at(-1);
    expect(shown("slow-run").film.length).toBeGreaterThan(5);
    expect(series(last, "Orderly").most).toBeGreaterThan(1000);
    expect(series(last, "Newest").most).toBeLessThan(500);
    expect(series(last, "Orderly").count).toBeGreaterThan(35);
  });

  test("the old positions are in the mailbox", () => {
    const queue = (handle: string) =>
      Number(
        shown("slow-queue")
          .rows.find((row) => row.handle === handle)
          ?.["Recv-Q"]?.replaceAll(",", ""),
      );
    expect(queue("orderly")).toBeGreaterThan(5 * queue("newest"));
  });
});

describe("the jitter buffer", () => {
  test("the longer the delay, the fewer gaps", () => {
    const gaps = [...shown("jitter-run").text.matchAll(/^delay (\d+) ms: (\d+) of 100/gm)].map(([, , n]) => Number(n));
    expect(gaps).toHaveLength(3);
    expect(gaps[0]).toBeGreaterThan(gaps[1]!);
    expect(gaps[1]).toBeGreaterThan(gaps[2]!);
    expect(series(shown("jitter-plot").picture, "heard")).toMatchObject({ count: 3, most: gaps[0] });
    expect(series(shown("jitter-plot").picture, "computed")).toMatchObject({ count: 31, most: 100 });
  });

  test("datagrams overtake each other", () => {
    const numbers = shown("exercise-numbers").value.match(/\d+/g)!.map(Number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
  });
});

test(
  "where nobody may have a network of one's own, the notebook says so and shows what was recorded",
  async () => {
    // A user namespace in which no further one is allowed: as on machines that forbid them.
    const forbid = ["unshare", "--user", "--map-root-user", "sh", "-c"];
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const ids =
      "import lab udp-open tcp-listen tcp-open film watch show fair-show fair-middle loss-udp loss-tcp loss-show recorded tell lab-stop close".split(
        " ",
      );
    const there = await outputsOf(NOTEBOOK, { ids, command: (own) => [...forbid, script, "sh", ...own] });
    expect(there("lab").text).toMatch(/ProcessError: .*this machine does not allow a network of one's own/);
    expect(there("lab").text).toMatch(/^lab +started as process \d+$/m);
    expect(there("loss-udp").text).toContain("throws away 20 % of the datagrams");
    expect(there("loss-tcp").text).toMatch(/SO_ATTACH_FILTER\) = -1 EPERM[\s\S]*CAP_NET_ADMIN/);
    expect(there("recorded").picture).toMatch(/^RECORDED: 20 % are lost\. .*TCP, recorded: 100 values/);
    expect(there("tell").text).toMatch(/^TCP: 100 frames, \d+ too old, the oldest \d+ ms \(RECORDED\)$/m);
  },
  BUDGET_MS,
);
