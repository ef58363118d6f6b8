import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

// Nobody elsewhere draws with it: it has no declarations.
const { Redraw } = createRequire(import.meta.url)("kernel-helpers/dist/notebook/redraw.js") as {
  Redraw: new (draw: () => void) => { now(): void; soon(): void; stop(): void };
};

describe("a panel that draws itself again", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Drawings that take so long each, after a change at once: when they begin. */
  function drawings(milliseconds: number, changes = 3): number[] {
    const begun: number[] = [];
    const redraw = new Redraw(() => {
      begun.push(performance.now());
      vi.setSystemTime(Date.now() + milliseconds);
      vi.advanceTimersByTime(milliseconds);
    });
    const start = performance.now();
    redraw.now();
    for (let change = 0; change < changes; change++) {
      redraw.soon();
      vi.runOnlyPendingTimers();
    }
    return begun.map((at) => Math.round(at - start));
  }

  it("does so at most ten times a second", () => {
    expect(drawings(0)).toEqual([0, 100, 200, 300]);
  });

  it("takes at most a tenth of the time for it", () => {
    expect(drawings(50)).toEqual([0, 550, 1100, 1650]);
  });

  it("shows what is so at most three seconds later, however long a drawing takes on a busy machine", () => {
    expect(drawings(1000)).toEqual([0, 4000, 8000, 12_000]);
    expect(drawings(5000, 1)).toEqual([0, 10_000]);
  });
});
