import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT } from "../support/jupyter/index.js";

/** Prints the ports that a plain Node program is given, or why there are none. */
function chosen(range: string, program: string): string {
  const code = `const { choosePort, socket, AF_INET, SOCK_STREAM, trace } = require("kernel-helpers");
    trace.off();
    try { ${program} } catch (error) { console.log(error.name + ": " + error.message); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, SOCKET_WORKSHOP_PORTS: range },
  });
  return stdout + stderr;
}

test("every port of a small range is found, each once, and then none", () => {
  const ports = chosen("29300-29309", 'for (let i = 0; i < 10; i++) console.log(choosePort("n" + i));')
    .trim()
    .split("\n")
    .sort();
  expect(ports).toEqual(Array.from({ length: 10 }, (_, index) => String(29_300 + index)));
  expect(chosen("29310-29311", "for (let i = 0; i < 3; i++) choosePort(String(i));")).toBe(
    "Error: No free port was found from 29310 to 29311 in 2 tries. See who has them: ss -lnt\n",
  );
});

test("a port of the range that another socket has is left out", () => {
  const program = `const other = socket("other", AF_INET, SOCK_STREAM); other.bind("0.0.0.0", 29320);
    console.log(choosePort("a")); other.close();`;
  expect(chosen("29320-29321", program)).toBe("29321\n");
});

test("a variable that names no range is an error that says what it must name", () => {
  expect(chosen("some", "choosePort()")).toMatch(
    /^RangeError: SOCKET_WORKSHOP_PORTS is "some", but it must name .*20000-20199/,
  );
});
