// Writes one page with every scene of the pictures: `npm run gallery`, then open test-artifacts/gallery.html.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const { asImage, ladder } = createRequire(import.meta.url)("../kernel-helpers/dist/pictures/index.js");
const { ladders, longConversation } = await import("../test/pictures/scenes.mjs");

const parts = Object.entries({
  ...ladders,
  "two-hundred-calls": { what: "Two hundred calls.", scene: longConversation(200) },
}).map(([name, { what, scene, options }]) => section(name, what, asImage(ladder(scene, options))));

/** @param {string} name @param {string} what @param {string} html */
function section(name, what, html) {
  return `<section style="margin:0 0 32px"><h2>${name}</h2><p>${what}</p>${html}</section>`;
}

const folder = new URL("test-artifacts/", root);
mkdirSync(folder, { recursive: true });
const page = new URL("gallery.html", folder);
writeFileSync(
  page,
  `<!doctype html><meta charset="utf-8"><title>Gallery</title><body style="font:14px system-ui;margin:16px">${parts.join("\n")}`,
);
console.log(`Wrote ${fileURLToPath(page)}`);
