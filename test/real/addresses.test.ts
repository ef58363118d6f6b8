import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, socket, trace } from "kernel-helpers";
import { expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";

guardDescriptors();

const BAD_ADDRESSES = ["1.2.3.4.5", "300.0.0.0", "0.0.0.", "", " 127.0.0.1", "127.1", "0x7f.1", "127.0.0.1:☺", "☺"];

test.each(BAD_ADDRESSES)("M12: the address %j is refused, and the error quotes it", async (text) => {
  for (const [family, name] of [
    [AF_INET, "four"],
    [AF_INET6, "six"],
  ] as const) {
    const handle = socket(name, family, SOCK_DGRAM);
    const actions = [() => handle.bind(text, 80), () => handle.connect(text, 80), () => handle.sendto("x", text, 80)];
    for (const action of actions) {
      const error = await rejectionOf(async () => action());
      expect(error.name).toBe("TypeError");
      expect(error.message).toContain(JSON.stringify(text));
    }
  }
});

test.each([
  [AF_INET, "300.0.0.0"],
  [AF_INET6, "::zz"],
  [AF_UNIX, `/${"x".repeat(200)}`],
  [AF_UNIX, "/tmp/a\0b"],
])("M12: what is no address is refused before any call is made: family %i, %j", async (family, text) => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
    const handle = socket("handle", family, type);
    const port = family === AF_UNIX ? undefined : 80;
    for (const action of [() => handle.bind(text, port), () => handle.connect(text, port)]) {
      trace.clear();
      const lines = await printed(() => rejectionOf(async () => action()), "exact");
      expect([lines, trace.steps()]).toEqual([[], []]);
    }
  }
});

test("M12: an IPv6 address for an IPv4 socket, and scopes that are none", () => {
  const four = socket("four", AF_INET, SOCK_DGRAM);
  expect(() => four.bind("::1", 0)).toThrow(/"::1"/);
  const six = socket("six", AF_INET6, SOCK_DGRAM);
  for (const text of ["::1%", "::1%nowhere0", "::1%-1", "::1%1.5", "::1%99999999999", "fe80::1%1%2"]) {
    expect(() => six.bind(text, 0), text).toThrow(/TypeError|RangeError|address|interface|scope/);
    expect(failureOf(() => six.bind(text, 0)).code, text).toBeUndefined();
  }
});
