import { beforeAll, describe, expect, test } from "vitest";
import { compile, unexported } from "./program.js";

/*
 * What a learner gets from a function, or gives to one, can be written down: its type has a name that can be imported.
 */

describe("a type that is reached from what is exported", () => {
  let program: ReturnType<typeof compile>;
  beforeAll(() => {
    program = compile('import "kernel-helpers"; import "kernel-helpers/dist/trace/trace";');
  });

  test("is exported too", () => {
    expect(unexported(program)).toEqual([]);
  });

  test("and is found where it is not: in what a type names, in what that names, and in a type that comes out of a value", () => {
    const found = unexported(program, "trace/trace.d.ts");
    expect(found).toEqual(
      expect.arrayContaining(["trace → Step", "Step → Outcome", "CallRecord → MadeCall", "PollCall → PollEntry"]),
    );
  });
});
