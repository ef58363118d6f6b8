import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NOTEBOOKS } from "../support/notebooks.js";
import type { Output, Outputs } from "./outputs.js";

/*
 * Notebook 04 shows its facts: what is judged is what the cells have printed, not what stands in them. Where chance has a part, the bounds
 * are so wide that a run outside them is expected less than once in 10,000.
 */

/** A series as the words of a plot tell it: "UDP: 81 values, from 0.41 to 2.30." */
function series(words: string | undefined, name: string) {
  const found = new RegExp(`${name}: ([\\d,]+) values?, from ([\\d.,]+) to ([\\d.,]+)\\.`).exec(words ?? "");
  expect(found, `${name} in: ${words}`).not.toBeNull();
  const [count, least, most] = found!.slice(1).map((text) => Number(text.replaceAll(",", "")));
  return { count: count!, least: least!, most: most! };
}

/** All films of the recording by their loss: of no use and longest wait over UDP, and the same over TCP. */
export function recordedFilms(): Record<string, [number, number, number, number][]> {
  return JSON.parse(readFileSync(join(NOTEBOOKS, "recorded", "real-time.json"), "utf8")).films;
}

/** The least, the middle and the most of one column. */
export function spread(films: readonly number[][], column: number): [number, number, number] {
  const values = films.map((film) => film[column]!).sort((a, b) => a - b);
  return [values[0]!, values[values.length >> 1]!, values.at(-1)!];
}

/** What the cell "tell" prints of a film. */
function told(cell: Output, name: string) {
  const line = new RegExp(`^${name}: (\\d+) frames, (\\d+) too old, the oldest (\\d+) ms`, "m");
  const found = line.exec(cell.text);
  expect(found, cell.text).not.toBeNull();
  const [frames, late, oldest] = found!.slice(1).map(Number);
  return { frames: frames!, late: late!, oldest: oldest! };
}

/** What holds on a busy machine too: what is lost and what arrives, and in which order. */
export function lossFacts(shown: Outputs): void {
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

    test("draws the ages while the frames come in, all hundred of both", () => {
      const { film } = shown("fair-show");
      expect(film[0]).toContain("UDP: no values.");
      expect(film.length).toBeLessThan(30);
      // On a busy machine it can be drawn once more before the first frame has come.
      const begun = film.filter((words) => !words.includes("TCP: no values."));
      const counts = begun.map((words) => series(words, "TCP").count);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect([series(film.at(-1), "UDP").count, series(film.at(-1), "TCP").count]).toEqual([100, 100]);
    });
  });

  describe("one of five is lost", () => {
    test("the system throws it away: for TCP too", () => {
      expect(shown("loss-udp").text).toMatch(/SO_ATTACH_FILTER\) = 0 .*throws away 20 % of the datagrams/);
      expect(shown("loss-tcp").text).toMatch(/SO_ATTACH_FILTER\) = 0 .*throws away 20 % of the segments/);
    });

    test("UDP has gaps, TCP has none", () => {
      const [udp, tcp] = [told(shown("tell"), "UDP"), told(shown("tell"), "TCP")];
      expect(udp.frames).toBeGreaterThan(60);
      expect(udp.frames).toBeLessThan(97);
      expect(tcp.frames).toBe(100);
      expect(series(shown("loss-show").film.at(-1), "UDP").count).toBe(udp.frames);
      expect(shown("recorded").picture).toBe("");
    });

    test("segments were sent again", () => {
      expect(Number(shown("retransmitted").value)).toBeGreaterThanOrEqual(1);
    });

    test("some segments came before their turn, and waited", () => {
      const waited = Number(shown("waited").value);
      expect(waited).toBeGreaterThanOrEqual(1);
      expect(waited).toBeLessThan(100);
    });

    test("the ladder marks the datagrams that never came, and no others", () => {
      const words = shown("ladder-udp").picture;
      const received = new Set([...words.matchAll(/udp screen: recv\(32\) "(\d+) /g)].map(([, n]) => Number(n)));
      const sent = [...words.matchAll(/udp camera: send "(\d+) [\d.]+ *"\.\.\. = 32(; lost at udp screen)?/g)].map(
        ([, n, lost]) => ({ n: Number(n), lost: lost !== undefined }),
      );
      expect(sent.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(words).toMatch(/udp screen: recv gave up: timeout/);
      for (const { n, lost } of sent) expect(lost, `frame ${n} in: ${words}`).toBe(!received.has(n));
    });
  });

  test("sixty recorded films at each loss: the whole spread, and what the text says of it", () => {
    const films = recordedFilms();
    const words = shown("many-tell").text;
    expect(words).toMatch(/^RECORDED: /);
    for (const loss of ["5", "10", "20"] as const) {
      expect(films[loss]).toHaveLength(60);
      for (const [kind, column] of [
        ["UDP", 0],
        ["TCP", 2],
      ] as const) {
        const [least, middle, most] = spread(films[loss]!, column);
        expect(words).toContain(`${loss} % over ${kind}: ${least} to ${most} (the middle film ${middle})\n`);
      }
    }
    const picture = shown("many-draw").picture;
    expect(picture).toMatch(/^RECORDED: sixty films, 10 % are lost\./);
    for (const [kind, column] of [
      ["UDP", 0],
      ["TCP", 2],
    ] as const) {
      const [least, , most] = spread(films["10"]!, column);
      expect(series(picture, kind)).toEqual({ count: 60, least, most });
    }
  });

  test("the other films: TCP never misses a frame", () => {
    for (const id of ["loss-5", "loss-10"]) expect(series(shown(id).film.at(-1), "TCP").count, id).toBe(100);
    const [, useless] = /^20 % UDP: (\d+) of no use/m.exec(shown("useless-films").text)!;
    expect(Number(useless)).toBeGreaterThanOrEqual(100 - told(shown("tell"), "UDP").frames);
  });

  test("datagrams overtake each other on the bad road", () => {
    const numbers = shown("exercise-numbers").value.match(/\d+/g)!.map(Number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
  });
}

/**
 * How old everything is: what must hold on a busy machine too, where a frame can lie about for some tens of milliseconds at every step of its way.
 * The notebook's own figures are of one process, or of two that wake each other, so what holds one film up holds the other one up as well.
 */
export function timeFacts(shown: Outputs): void {
  test("UDP is not simply faster: without loss the ages are about equal", () => {
    const [udp, tcp] = shown("fair-middle")
      .text.match(/[\d.]+(?= ms)/g)!
      .map(Number);
    // Within one frame. Without TCP_NODELAY it would be the 40 ms of a delayed acknowledgement, or five times as much.
    expect(Math.abs(tcp! - udp!) < 20 || Math.max(tcp! / udp!, udp! / tcp!) < 5, `UDP ${udp} ms, TCP ${tcp} ms`).toBe(
      true,
    );
  });

  test("with loss TCP is old, and UDP is not", () => {
    const [udp, tcp] = [told(shown("tell"), "UDP"), told(shown("tell"), "TCP")];
    // What is lost is noticed when the next frame comes, 20 ms later.
    expect(tcp.oldest).toBeGreaterThanOrEqual(18);
    expect(udp.late).toBeLessThan(udp.frames / 2);
  });

  test("head of the line: the frames behind the oldest one are younger and younger", () => {
    const lines = [...shown("line").text.matchAll(/^frame (\d+): (\d+) ms old$/gm)];
    const ages = new Map(lines.map(([, n, age]) => [Number(n), Number(age)]));
    const oldest = Math.max(...ages.values());
    expect(oldest).toBeLessThanOrEqual(told(shown("tell"), "TCP").oldest);
    const [worst] = [...ages].find(([, age]) => age === oldest)!;
    // Each by 20 ms, unless the camera was held up and sent two at once, or the screen was and took them one by one. So not each is judged.
    const behind = [...ages].filter(([n]) => n > worst).map(([, age]) => age);
    expect(oldest - Math.min(...behind)).toBeGreaterThanOrEqual(15);
  });

  describe("the slow screen", () => {
    test("one position for each picture is the past, the newest one is the present", () => {
      const last = shown("slow-run").film.at(-1);
      // 1.3 s on a machine that has nothing else to do; less when the game itself comes late.
      expect(series(last, "Orderly").most).toBeGreaterThan(500);
      expect(series(last, "Newest").most).toBeLessThan(series(last, "Orderly").most);
      // Forty pictures, less those that came before the first position.
      expect(series(last, "Orderly").count).toBeGreaterThan(20);
    });

    test("the old positions are in the mailbox", () => {
      const row = (handle: string) => shown("slow-queue").rows.find((one) => one.handle === handle);
      const queue = (handle: string) => Number(row(handle)?.["Recv-Q"]?.replaceAll(",", ""));
      expect(queue("orderly")).toBeGreaterThan(queue("newest"));
    });
  });

  test("the jitter buffer: the longer the delay, the fewer gaps", () => {
    const gaps = [...shown("jitter-run").text.matchAll(/^delay (\d+) ms: (\d+) of 100/gm)].map(([, , n]) => Number(n));
    expect(gaps).toHaveLength(3);
    // The road's three hundred calls are not among them, although it works on since an earlier cell.
    expect(shown("jitter-run").text).not.toMatch(/^road/m);
    expect(gaps).toEqual(gaps.toSorted((a, b) => b - a));
    // By chance 61 and 1.
    expect(gaps[0]).toBeGreaterThan(gaps[2]!);
    expect(series(shown("jitter-plot").picture, "heard")).toMatchObject({ count: 3, most: gaps[0] });
    expect(series(shown("jitter-plot").picture, "computed")).toMatchObject({ count: 31, most: 100 });
  });
}
