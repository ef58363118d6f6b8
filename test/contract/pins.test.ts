import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { causeOf } from "../../scripts/lib/cause.mjs";
import { requirePython } from "../../scripts/lib/environment.mjs";
import { compile, header, PINNED, resolver, runUv } from "../../scripts/lib/pins.mjs";
import { Problem } from "../../scripts/lib/problem.mjs";
import { inProject } from "../../scripts/lib/project.mjs";
import { temporaryOfTest } from "../support/temporary.js";

// uv asks a package server. Measured: 1 s for a file whose answers it has kept, 8 s for one whose answers it has not.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Nothing listens there: a package server out of reach. */
const NOBODY = "http://127.0.0.1:9/simple";

/** uv's path; undefined where the server that it comes from is out of reach. */
let uv: string | undefined;

beforeAll(async () => {
  try {
    uv = await resolver(requirePython);
  } catch (error) {
    if (!(error instanceof Problem && error.kind === "unreachable")) throw error;
  }
});

/** The project's folder as a fresh clone has it, as far as pins go. */
function pinsIn(folder: string): (name: string) => string {
  for (const name of PINNED) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    cpSync(inProject(`${name}.txt`), join(folder, `${name}.txt`));
  }
  return (name) => join(folder, `${name}.txt`);
}

const isOutOfReach = (output: string) => causeOf({ output })?.kind === "unreachable";

describe.each(PINNED)("%s.txt", (name) => {
  test("says of which input it was made, and that is the one beside it", () => {
    expect(readFileSync(inProject(`${name}.txt`), "utf8").startsWith(header(name))).toBe(true);
  });

  test("is what uv makes of its input, when it keeps the pins", async () => {
    if (uv === undefined) return;
    const copy = pinsIn(temporaryOfTest())(name);
    const ended = await compile(uv, name, copy);
    // Then the test above is all that can be said.
    if (ended.code !== 0 && isOutOfReach(ended.output)) return;
    expect(ended).toMatchObject({ code: 0, output: "" });
    expect(readFileSync(copy, "utf8")).toBe(readFileSync(inProject(`${name}.txt`), "utf8"));
  });

  test("pins everything, with hashes", () => {
    const text = readFileSync(inProject(`${name}.txt`), "utf8").replaceAll("\\\n", " ");
    const lines = text.split("\n").filter((line) => line !== "" && !/^\s*#/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+==\S+( ; [^-]*)?(\s+--hash=sha256:[0-9a-f]{64})+$/);
  });

  // Debian 12 has 3.11.2, Ubuntu 22.04 3.10.12 and 24.04 3.12.3; one package wants 3.11.5.
  test.each([...["3.10.0", "3.10.12", "3.11.0", "3.11.2", "3.11.5", "3.12.3", "3.13.0", "3.14.0"]])(
    "has a package for everything that Python %s needs",
    async (version) => {
      if (uv === undefined) return;
      const options = ["--dry-run", "--require-hashes", "--only-binary=:all:", "--no-config", "--no-python-downloads"];
      const target = ["--target", temporaryOfTest(), `--python-version=${version}`];
      const ended = await runUv(uv, ["pip", "install", ...options, ...target, "-r", inProject(`${name}.txt`)]);
      if (ended.code !== 0 && isOutOfReach(ended.output)) return;
      expect(ended.output).toMatch(/Would install \d+ package/);
      expect(ended.code).toBe(0);
    },
  );
});

describe("only a server that cannot be reached excuses", () => {
  const compileIn = async (input: string, server: string) => {
    const folder = temporaryOfTest();
    writeFileSync(join(folder, "input.in"), input);
    const args = ["pip", "compile", "--no-config", "--no-python-downloads", "--quiet", `--default-index=${server}`];
    return runUv(uv ?? "", [...args, `--cache-dir=${folder}`, join(folder, "input.in")]);
  };

  test("nobody listens", async () => {
    if (uv === undefined) return;
    const ended = await compileIn("six", NOBODY);
    expect(ended.code).not.toBe(0);
    expect(isOutOfReach(ended.output), ended.output).toBe(true);
  });

  test.each([
    ["a package that the server does not have", "six\n"],
    ["a line that is none", "six===\n"],
  ])("%s does not", async (_what, input) => {
    if (uv === undefined) return;
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const ended = await compileIn(input, `http://127.0.0.1:${port}/simple`);
    expect(ended.code).not.toBe(0);
    expect(isOutOfReach(ended.output), ended.output).toBe(false);
  });
});
