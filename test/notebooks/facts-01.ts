import { expect, test } from "vitest";
import { hasLoopback6, type Machine, noIPv6 } from "../support/machine.js";
import type { Outputs } from "./outputs.js";

/** What notebook 01 shows of the machine on which it runs. */
export function connectionFacts(shown: Outputs, machine: () => Machine): void {
  test("the eight steps over IPv6, or why there is none", () => {
    const { text, value } = shown("ipv6-cell");
    if (hasLoopback6(machine())) expect(value).toBe("'hello over IPv6'");
    else expect(text).toMatch(noIPv6(machine()));
  });
}
