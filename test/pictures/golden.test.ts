import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawn } from "./drawn.js";

const folder = new URL("golden/", import.meta.url);
/** `UPDATE_GOLDEN=1 npx vitest run test/pictures` writes the files anew; look at `npm run gallery` before you commit them. */
const update = process.env.UPDATE_GOLDEN === "1";

describe("golden pictures", () => {
  it.each(drawn)("%s looks as it did", (name, draw) => {
    const file = new URL(`${name}.svg`, folder);
    const { svg, alt } = draw();
    const text = `${svg}\n<!-- ${alt.replaceAll("--", "- -")} -->\n`;
    if (update) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file), `${name}.svg is missing: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it("keeps no file of a scene that is gone", () => {
    const names = new Set(drawn.map(([name]) => `${name}.svg`));
    expect(readdirSync(folder).filter((file) => !names.has(file))).toEqual([]);
  });
});
