import * as facts from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

const { OPTIONS, optionByNumber } = facts;

describe("socket options", () => {
  test("each is exported under its own name", () => {
    const exported = Object.entries(facts).filter(
      ([name]) => /^(SO|TCP|IP|IPV6)_/.test(name) && !name.startsWith("TCP_INFO_"),
    );
    const options = exported.filter(([name]) => name !== "TCP_STATES");
    expect(options.map(([name]) => name).sort()).toEqual(OPTIONS.map((option) => option.name).sort());
    for (const [name, option] of options) expect((option as facts.SocketOption).name).toBe(name);
  });

  test.each(["linux", "darwin"] as const)("no two of one level share a number on %s", (os) => {
    const numbers = OPTIONS.filter((option) => option.numbers[os] !== -1).map((o) => `${o.levelName} ${o.numbers[os]}`);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test.each(OPTIONS.map((option) => [option.name, option] as const))("%s can be found by its number", (_, option) => {
    const found = optionByNumber(option.level, option.number);
    expect(found).toBe(option.number === -1 ? undefined : option);
    expect(option.unit).not.toBe("");
    expect(option.readOnly && option.writeOnly).toBe(false);
  });

  test("an unknown number has no option, and neither has the -1 of a missing one", () => {
    expect(optionByNumber(facts.constants.SOL_SOCKET, 999)).toBeUndefined();
    expect(optionByNumber(facts.constants.SOL_SOCKET, -1)).toBeUndefined();
  });

  test("every level's name starts like its options", () => {
    for (const option of OPTIONS) {
      const prefix = option.levelName.replace(/^(SOL|IPPROTO)_/, "").replace("SOCKET", "SO");
      expect(option.name.startsWith(`${prefix}_`)).toBe(true);
    }
  });
});

describe("TCP_INFO's fields", () => {
  test("do not overlap, lie where their size wants them, and end with the struct", () => {
    let end = 0;
    for (const [cName, offset, size] of Object.values(facts.TCP_INFO_FIELDS)) {
      expect([cName, offset >= end, offset % size]).toEqual([cName, true, 0]);
      end = offset + size;
    }
    expect(end).toBe(facts.TCP_INFO_SIZE);
  });
});
