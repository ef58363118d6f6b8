// Writes one page with every scene of the pictures: `npm run gallery`, then open test-artifacts/gallery.html.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ladders, longConversation } from "../test/pictures/scenes/index.mjs";
import { others, tableRows } from "../test/pictures/scenes/tables-and-plots.mjs";

/** @type {typeof import("../kernel-helpers/dist/pictures/index.js")} */
const { asImage, ladderPicture, tableOfSockets } = createRequire(import.meta.url)(
  "../kernel-helpers/dist/pictures/index.js",
);

/** @param {string} name @param {string} what @param {string} html */
function section(name, what, html) {
  return `<section style="margin:0 0 32px"><h2>${name}</h2><p>${what}</p>${html}</section>`;
}

const sections = [
  ...Object.entries(ladders).map(([name, { what, scene, options }]) =>
    section(name, what, asImage(ladderPicture(scene, options))),
  ),
  ...Object.entries(others).map(([name, { what, draw }]) => section(name, what, asImage(draw()))),
  section("sockets", "What the system says of the sockets.", tableOfSockets(tableRows).html),
  section("two-hundred-calls", "Two hundred calls.", asImage(ladderPicture(longConversation(200)))),
];

const page = new URL("../test-artifacts/gallery.html", import.meta.url);
mkdirSync(new URL(".", page), { recursive: true });
writeFileSync(
  page,
  `<!doctype html><meta charset="utf-8"><title>Gallery</title><body style="font:14px system-ui;margin:16px">${sections.join("\n")}`,
);
console.log(`Wrote ${fileURLToPath(page)}`);
