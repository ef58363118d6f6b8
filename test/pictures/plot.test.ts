import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { binsOf } from "../../kernel-helpers/dist/pictures/plot/histogram.js";
import { plotPicture } from "../../kernel-helpers/dist/pictures/plot/plot.js";
import { scaleOf } from "../../kernel-helpers/dist/pictures/plot/scale.js";

describe("plot", () => {
  const ticks = (from: number, to: number, scale?: "log"): string[] =>
    scaleOf({ label: "x", scale }, [from, to], 0, 100, 6).ticks.map(({ text }) => text);

  it("puts ticks at round numbers, the ends among them", () => {
    expect(ticks(0, 5)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(ticks(0.03, 0.11)).toEqual(["0.00", "0.02", "0.04", "0.06", "0.08", "0.10", "0.12"]);
    expect(ticks(-30, 1000)).toEqual(["-200", "0", "200", "400", "600", "800", "1,000"]);
    expect(ticks(7, 7).length).toBeGreaterThan(1);
  });

  it("counts decades on a log axis, with steps between where there are few", () => {
    expect(ticks(1, 1e6, "log")).toEqual(["1", "10", "100", "1,000", "10,000", "100,000", "1M"]);
    expect(ticks(2, 40, "log")).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
    expect(scaleOf({ label: "x", scale: "log" }, [1, 10], 0, 100, 6).place(0)).toBeUndefined();
  });

  it("breaks a line where a value is missing", () => {
    const line = (points: [number, number][]): string =>
      /class="l s0" d="([^"]*)"/.exec(
        plotPicture({ title: "t", x: { label: "x" }, y: { label: "y" }, lines: [{ name: "a", points }] }).svg,
      )?.[1] ?? "";
    expect(
      line([
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
      ]).match(/M/g),
    ).toHaveLength(1);
    expect(
      line([
        [0, 1],
        [1, 2],
        [2, Number.NaN],
        [3, 3],
        [4, 4],
      ]).match(/M/g),
    ).toHaveLength(2);
  });

  it("counts every value of a histogram once", () => {
    const values = Array.from({ length: 1000 }, (_, n) => n / 10);
    const { counts, edges } = binsOf([{ name: "a", values }], { label: "x" }, 10);
    expect(counts).toEqual([new Array(10).fill(100)]);
    expect(edges).toHaveLength(11);
    expect(binsOf([{ name: "a", values: [5, 5, 5] }], { label: "x" }, 4).counts[0]?.reduce((a, b) => a + b)).toBe(3);
  });

  it("tells series apart by dash or marker and by name", () => {
    const series = ["a", "b", "c"].map((name) => ({
      name,
      points: [
        [0, 1],
        [1, 2],
      ] as [number, number][],
    }));
    const { svg } = plotPicture({
      title: "t",
      x: { label: "x", unit: "s" },
      y: { label: "y", unit: "ms" },
      lines: series,
    });
    for (const [index, name] of ["a", "b", "c"].entries()) expect(svg).toContain(`class="s${index}">${name}<`);
    const dashes = [...svg.matchAll(/\.l\.s[0-2]\{[^}]*stroke-dasharray:([^}]*)\}/g)].map(([, dash]) => dash);
    expect(new Set(dashes).size).toBe(3);
    expect(svg).toContain(">x (s)<");
    expect(svg).toContain(">y (ms)<");
  });

  it("has the ends that it is told, also on a log axis", () => {
    expect(scaleOf({ label: "x", from: 3, to: 17 }, [1, 100], 0, 100, 6)).toMatchObject({ from: 3, to: 17 });
    expect(scaleOf({ label: "x", from: 3 }, [4, 19], 0, 100, 6)).toMatchObject({ from: 3, to: 20 });
    expect(scaleOf({ label: "x", scale: "log", from: 3, to: 400 }, [1], 0, 100, 6)).toMatchObject({ from: 3, to: 400 });
    const narrow = scaleOf({ label: "x", scale: "log", from: 3, to: 4 }, [], 0, 100, 6);
    expect(narrow.ticks.length).toBeGreaterThan(2);
    expect(new Set(narrow.ticks.map(({ text }) => text)).size).toBe(narrow.ticks.length);
    // All of the data lies below.
    expect(scaleOf({ label: "x", from: 100 }, [1, 2], 0, 100, 6).to).toBeGreaterThan(100);
    expect(scaleOf({ label: "x", scale: "log", from: 100 }, [1, 2], 0, 100, 6).to).toBeGreaterThan(100);
  });

  const lines = (points: unknown) => [{ name: "a", points }];
  const spec = { title: "t", x: { label: "x" }, y: { label: "y" } };
  const of = (...values: number[]) => ({ ...spec, lines: lines(values.map((value, n) => [n, value])) });

  it.each([
    ["denormal on a log axis", { ...of(1e-320, 1e-310), y: { label: "y", scale: "log" } }],
    ["all of a log axis", { ...of(1e-320, 1.7e308), y: { label: "y", scale: "log" } }],
    ["one large number", of(1e308)],
    ["one negative number", of(-1e308)],
    ["the largest number", of(0, Number.MAX_VALUE)],
    ["numbers beside the axis", { ...of(1e308, -1e308), y: { label: "y", from: 0, to: 1 } }],
    ["numbers that hardly differ", of(1e15, 1e15 + 0.125)],
    ["a small difference", of(1e9, 1e9 + 1)],
    ["nothing that a log axis has", { ...of(0, -1), y: { label: "y", scale: "log" } }],
    ["no point", of()],
    ["no finite number", of(Number.NaN, Number.POSITIVE_INFINITY)],
    ["a histogram of one value", { ...spec, histogram: [{ name: "a", values: [5, 5] }] }],
    ["a histogram of nothing", { ...spec, histogram: [{ name: "a", values: [] }] }],
    [
      "a histogram above its axis",
      { ...spec, x: { label: "x", from: 10 }, histogram: [{ name: "a", values: [1, 2] }] },
    ],
    ["a histogram of a Float64Array", { ...spec, histogram: [{ name: "a", values: new Float64Array([1, 2, 3]) }] }],
  ])("%s is drawn, with ticks that can be told apart", (_, wanted) => {
    const { svg, alt } = plotPicture(wanted as never);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(alt).not.toMatch(/NaN|Infinity|undefined/);
    const ticks = [...svg.matchAll(/class="q s (?:end|mid)">([^<]*)</g)].map(([, text]) => text!);
    expect(ticks.length).toBeGreaterThan(3);
  });

  it.each([
    ["a number", 5, "plot() takes what to draw, for example plot({"],
    ["null", null, "and not null."],
    ["nothing", undefined, "and not undefined."],
    ["a list", [], "and not an array."],
    ["no title", { x: { label: "x" }, lines: [] }, "title is the text above the plot, not undefined."],
    [
      "no x",
      { title: "t", lines: [] },
      'x says what the axis measures: x: { label: "time", unit: "ms" }, and not undefined.',
    ],
    ["nothing to draw", spec, "There is nothing to draw: give lines, dots or a histogram"],
    [
      "another scale",
      { ...of(1), x: { label: "x", scale: "logarithmic" } },
      'x.scale is "linear" or "log", not "logarithmic".',
    ],
    [
      "a log axis from 0",
      { ...of(1), y: { label: "y", scale: "log", from: 0 } },
      "y.from is 0, and a log axis has only what is above 0",
    ],
    ["a log axis from -1", { ...of(1), y: { label: "y", scale: "log", from: -1 } }, "y.from is -1, and a log axis"],
    [
      "an axis of no length",
      { ...of(1), x: { label: "x", from: 3, to: 3 } },
      "x ends at 3, which is not above 3, where it begins",
    ],
    [
      "a log axis of no length",
      { ...of(1), x: { label: "x", scale: "log", from: 3, to: 3 } },
      "x ends at 3, which is not above 3",
    ],
    [
      "an axis the wrong way round",
      { ...of(1), x: { label: "x", from: 3, to: 1 } },
      "put the smaller number into from",
    ],
    ["an end that is no number", { ...of(1), x: { label: "x", from: Number.NaN } }, "x.from is a number, not NaN."],
    ["points that are numbers", { ...spec, lines: lines([1, 2]) }, 'points[0] of "a" is two numbers, [x, y], not 1.'],
    [
      "a point of text",
      {
        ...spec,
        dots: lines([
          [1, 2],
          [3, "4"],
        ]),
      },
      'points[1] of "a" is two numbers, [x, y], not an array.',
    ],
    ["a series without points", { ...spec, lines: [{ name: "a" }] }, "lines has a name and points for each"],
    [
      "a histogram of text",
      { ...spec, histogram: [{ name: "a", values: ["1"] }] },
      'values[0] of "a" is a number, not "1".',
    ],
    [
      "a histogram beside lines",
      { ...of(1), histogram: [] },
      "A histogram stands alone: draw lines in a plot of its own.",
    ],
    [
      "no bins",
      { ...spec, histogram: [], bins: 0 },
      "bins is how many there are, a whole number from 1 to 1000, not 0.",
    ],
    ["numbers too far apart", of(-1e308, 1e308), "The y axis cannot go from -1e+308 to 1e+308: they are too far apart"],
    ["a number too near to 0", of(1e-320), "The y axis cannot go from"],
    ["a million letters", "x".repeat(1e6), 'and not "xxxx'],
  ])("%s: the error says what to write", (_, wanted, message) => {
    const failing = () => plotPicture(wanted as never);
    expect(failing).toThrow(message);
    // It echoes no more of a value than one can read.
    expect(failing).toThrow(/^.{20,400}$/);
  });
});

it("the library of the scales is loaded by the first plot, and by nothing else", () => {
  const program = `
    const loaded = () => Object.keys(require.cache).filter((path) => path.includes("/node_modules/d3-")).length > 0;
    const helpers = require("kernel-helpers");
    process.stdout.write = () => true;
    const told = [loaded()];
    helpers.ladder();
    helpers.sockets();
    told.push(loaded());
    helpers.plot({ title: "t", x: { label: "x" }, y: { label: "y" }, lines: [] });
    told.push(loaded());
    require("fs").writeSync(2, JSON.stringify(told));
    process.exit();
  `;
  const { stderr } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
    cwd: new URL("../..", import.meta.url),
  });
  expect(stderr).toBe("[false,false,true]");
});
