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
    "Error: No free port was found from 29310 to 29311: 2 have a name in this notebook, and 0 others were looked at and are taken. See who has them: ss -tuanp\n",
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

test("a named port is the same number as long as the process lives, whoever takes it", () => {
  const program = `const port = choosePort("web"); const other = socket("other", AF_INET, SOCK_STREAM);
    const { calls } = require("kernel-helpers"); const fd = calls.socket(AF_INET, SOCK_STREAM);
    calls.bind(fd, { family: "AF_INET", address: "0.0.0.0", port }); calls.listen(fd, 1);
    console.log(choosePort("web") === port);
    calls.close(fd); const server = require("node:net").createServer().listen(port, "0.0.0.0", () => {
      console.log(choosePort("web") === port, choosePort("other") === port); server.close(); });`;
  expect(chosen("29330-29339", program)).toBe("true\ntrue false\n");
});

test("without names it never runs dry: the oldest are chosen again, and a small range gives each port before one comes twice", () => {
  expect(chosen("29340-29439", "for (let i = 0; i < 500; i++) choosePort(); console.log('still');")).toBe("still\n");
  const program = `choosePort("kept"); const four = [1, 2, 3, 4].map(() => choosePort());
    console.log(new Set([...four, choosePort("kept")]).size, four.includes(choosePort()));`;
  expect(chosen("29340-29344", program)).toBe("5 true\n");
});
