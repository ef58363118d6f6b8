import { portRange } from "kernel-helpers/dist/handles/port-range.js";
import { expect, test } from "vitest";

test.each([undefined, ""])(
  "without the variable (%j) the ports above the well-known ones and below those of clients",
  (text) => {
    expect(portRange(text)).toEqual({ first: 20_000, last: 32_767 });
  },
);

test.each([
  ["20000-20199", 20_000, 20_199],
  ["1024-1024", 1024, 1024],
  ["10000-32767", 10_000, 32_767],
])("%s", (text, first, last) => {
  expect(portRange(text)).toEqual({ first, last });
});

test.each([
  "all",
  "20000",
  "20199-20000",
  "80-20000",
  "20000-40000",
  "20000-20199-",
  " 20000-20199",
  "2e4-3e4",
  "-1-5",
])("%j is refused, and the message says what is wanted", (text) => {
  expect(() => portRange(text)).toThrow(
    new RangeError(
      `SOCKET_WORKSHOP_PORTS is ${JSON.stringify(text)}, but it must name the first and the last port, such as 20000-20199, from 1024 to 32767. Unset it, or ask who runs the server.`,
    ),
  );
});
