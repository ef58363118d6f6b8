import { expect, test } from "vitest";
import { putOffTogether } from "../../../kernel-helpers/src/kernel/put-off.js";

/** As tslab's converter has it: one timer, which runs when the next cell is compiled, and errors for a second one. */
function host() {
  let pending: { callback: () => void } | undefined;
  const made = {
    setTimeout(callback: () => void) {
      if (pending !== undefined) throw new Error("Unexpected pending rebuildTimer");
      pending = {
        callback() {
          callback();
          pending = undefined;
        },
      };
      return pending;
    },
    clearTimeout(timer: unknown) {
      if (timer !== pending) throw new Error("clearing unexpected timer");
      pending = undefined;
    },
  };
  putOffTogether(made);
  return { ...made, put: made.setTimeout as (...args: unknown[]) => unknown, compile: () => pending?.callback() };
}

test("all that is put off is done at the next cell, in its order", () => {
  const { put, compile, clearTimeout } = host();
  const done: unknown[] = [];
  put((...args: unknown[]) => done.push(args), 250, "a change", 1);
  const forgotten = put(() => done.push("forgotten"), 250);
  put(() => done.push("a new file"), 250);
  clearTimeout(forgotten);
  expect(done).toEqual([]);
  compile();
  expect(done).toEqual([["a change", 1], "a new file"]);
  compile();
  expect(done).toHaveLength(2);
});

test("what puts off something else is done with it", () => {
  const { put, compile } = host();
  const done: string[] = [];
  put(() => {
    done.push("first");
    put(() => done.push("second"), 250);
  }, 250);
  compile();
  expect(done).toEqual(["first", "second"]);
  put(() => done.push("third"), 250);
  compile();
  expect(done).toEqual(["first", "second", "third"]);
});

test("what throws ends one cell, and the next is compiled", () => {
  const { put, compile } = host();
  const done: string[] = [];
  put(() => {
    throw new Error("of the compiler");
  }, 250);
  put(() => done.push("left"), 250);
  expect(compile).toThrow("of the compiler");
  put(() => done.push("next"), 250);
  compile();
  expect(done).toEqual(["left", "next"]);
});
