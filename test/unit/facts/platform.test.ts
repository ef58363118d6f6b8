import {
  currentPlatform,
  facts,
  factsOf,
  type PlatformName,
  platformName,
  platformProblem,
} from "kernel-helpers/dist/facts/index.js";
import { LINUX_CONSTANTS } from "kernel-helpers/dist/facts/linux.js";
import { describe, expect, test } from "vitest";

const ALL: readonly PlatformName[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

describe("which platform", () => {
  test("the tables are this machine's", () => {
    expect(currentPlatform()).toBe(`${process.platform}-${process.arch}`);
    expect(facts).toBe(factsOf(currentPlatform() as PlatformName));
  });

  test.each(ALL)("%s has facts and no problem", (name) => {
    const [os, arch] = name.split("-") as [string, string];
    expect(platformName(os, arch)).toBe(name);
    expect(platformProblem(os, arch)).toBeUndefined();
    expect(factsOf(name).name).toBe(name);
  });

  test("Windows is told where to go, others what is known", () => {
    expect(platformName("win32", "x64")).toBeUndefined();
    expect(platformProblem("win32", "x64")).toMatch(/WSL2.*Binder/);
    expect(platformProblem("freebsd", "x64")).toMatch(/freebsd-x64.*Binder/);
    expect(platformProblem("linux", "ia32")).toMatch(/linux-ia32/);
  });
});

describe.each(ALL)("the tables of %s", (name) => {
  const platform = factsOf(name);
  const { constants } = platform;

  test("have every constant, as a whole number of at most 32 bits", () => {
    expect(Object.keys(constants).sort()).toEqual(Object.keys(LINUX_CONSTANTS).sort());
    for (const [key, value] of Object.entries(constants)) {
      expect([key, Number.isInteger(value) && value >= 0 && value <= 0xffffffff]).toEqual([key, true]);
    }
  });

  test("have one number for each error and one name for each number", () => {
    const numbers = Object.values(platform.errno);
    expect(numbers.length).toBeGreaterThanOrEqual(60);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Object.keys(platform.errnoTexts)).toEqual(Object.keys(platform.errno));
    for (const [code, number] of Object.entries(platform.errno)) {
      expect(code).toMatch(/^E[A-Z0-9]+$/);
      expect(number).toBeGreaterThan(0);
      expect(platform.errnoTexts[code]).toMatch(/^\S.*\S$/);
    }
  });

  test.each(["AF_", "SOCK_", "SHUT_", "MSG_", "F_"])("give each %s… a number of its own", (prefix) => {
    const values = Object.entries(constants).filter(([key, value]) => key.startsWith(prefix) && value !== 0);
    expect(new Set(values.map(([, value]) => value)).size).toBe(values.length);
  });

  test.each(["MSG_", "EFD_", "O_NONBLOCK", "O_APPEND", "O_CLOEXEC", "SOCK_CLOEXEC", "SOCK_NONBLOCK"])(
    "give each flag %s… one bit or none",
    (prefix) => {
      for (const [key, value] of Object.entries(constants).filter(([key]) => key.startsWith(prefix))) {
        expect([key, (value & (value - 1)) === 0]).toEqual([key, true]);
      }
    },
  );

  test("describe addresses and events that hang together", () => {
    expect(platform.sockaddrHasLength).toBe(platform.os === "darwin");
    expect(platform.unixPathSize).toBe(platform.os === "darwin" ? 104 : 108);
    expect(platform.epollEventSize - platform.epollDataOffset).toBe(8);
    expect(platform.epollEventSize).toBe(name === "linux-x64" ? 12 : 16);
  });

  test("know the errors that every lesson needs", () => {
    for (const code of ["EADDRINUSE", "EAGAIN", "ECONNREFUSED", "ECONNRESET", "EINPROGRESS", "ENOTCONN", "EPIPE"]) {
      expect(platform.errno).toHaveProperty(code);
    }
  });
});
