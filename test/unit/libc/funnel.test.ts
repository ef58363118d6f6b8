import {
  declare,
  type MadeCall,
  observeCalls,
  returned,
  starting,
  withContext,
} from "kernel-helpers/dist/libc/index.js";
import { afterEach, describe, expect, test, vi } from "vitest";

const libc = declare<{ close(fd: number): number }>({ close: "int close(int fd)" });

/** close(-1), which is EBADF. */
function failing(): number {
  const start = starting();
  return returned({ name: "close" }, libc.close(-1), start);
}

describe("the funnel", () => {
  let before: ReturnType<typeof observeCalls>;
  afterEach(() => {
    observeCalls(before);
  });

  /** Observes while the action runs. */
  const observed = (action: () => void): [MadeCall, object | undefined][] => {
    const seen: [MadeCall, object | undefined][] = [];
    before = observeCalls((record, context) => seen.push([record, context]));
    action();
    return seen;
  };

  test("gives the result, or minus the errno, and leaves a record with the times", () => {
    const results: number[] = [];
    const seen = observed(() => {
      results.push(returned({ name: "listen" }, 7, starting()));
      results.push(failing());
    });
    expect(results).toEqual([7, -9]);
    expect(seen.map(([{ call, result, errno }]) => [call.name, result, errno])).toEqual([
      ["listen", 7, 0],
      ["close", -1, 9],
    ]);
    for (const [{ start, end }] of seen) expect(end).toBeGreaterThanOrEqual(start);
  });

  test("tells on whose behalf, nested, and also after a throw", () => {
    const [outer, inner] = [{}, {}];
    const call = () => returned({ name: "close" }, 0, starting());
    const seen = observed(() => {
      withContext(outer, () => {
        call();
        expect(() =>
          withContext(inner, () => {
            call();
            throw new Error("x");
          }),
        ).toThrow("x");
        call();
      });
      call();
    });
    expect(seen.map(([, context]) => context)).toEqual([outer, inner, outer, undefined]);
  });

  test("works without an observer", () => {
    before = observeCalls(undefined);
    expect(failing()).toBe(-9);
    expect(returned({ name: "close" }, 0, starting())).toBe(0);
  });

  test("an observer that throws is told no more, and costs no result", () => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    let told = 0;
    before = observeCalls(() => {
      told += 1;
      throw new Error("broken");
    });
    expect(returned({ name: "accept" }, 7, starting())).toBe(7);
    expect(failing()).toBe(-9);
    expect(told).toBe(1);
    expect(written.mock.calls).toEqual([[expect.stringMatching(/recorded no more.*broken/)]]);
  });
});
