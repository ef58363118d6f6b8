import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Problem } from "../lib/problem.mjs";
import { run } from "../lib/run.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
// Margin boxes, which hold the page numbers, came with this one.
const OLDEST = 131;

const FLAGS = [
  "--headless",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  // Nothing is asked of the network.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-pdf-header-footer",
  // The typesetter measures letters as they are printed, not as a screen would round them.
  "--font-render-hinting=none",
  // Headings as bookmarks, and the structure of the page for those who have it read to them.
  "--generate-pdf-document-outline",
  "--export-tagged-pdf",
  // It refuses to run as root with its sandbox, the usual user in a container.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/**
 * The Chromium or Chrome of this machine: WORKSHOP_CHROMIUM, or the first one in PATH.
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.WORKSHOP_CHROMIUM) return process.env.WORKSHOP_CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (process.platform === "darwin") candidates.push(MAC);
  return candidates.find((path) => existsSync(path));
}

/**
 * Why this Chromium cannot print the handouts, as one sentence, or undefined.
 * @param {string} chromium
 */
export async function chromiumProblem(chromium) {
  const { code, output } = await run(chromium, ["--version"]);
  const version = Number(/\b(\d+)\.\d+\.\d+/.exec(output)?.[1] ?? 0);
  if (code !== 0 || version === 0) return `${chromium} does not run`;
  if (version < OLDEST) return `${chromium} is version ${version}; ${OLDEST} or newer is needed for page numbers`;
  return undefined;
}

/**
 * Prints an HTML file.
 * @param {string} chromium
 * @param {string} html
 * @param {string} pdf
 */
export async function print(chromium, html, pdf) {
  const home = mkdtempSync(join(tmpdir(), "workshop-print-"));
  const unfinished = `${pdf}.unfinished`;
  try {
    const args = [...FLAGS, `--user-data-dir=${home}`, `--print-to-pdf=${unfinished}`, pathToFileURL(html).href];
    const ended = await run(chromium, args, { env: { ...process.env, HOME: home } });
    if (ended.code !== 0 || !existsSync(unfinished)) {
      throw new Problem(`Chromium could not print ${html}:\n${ended.output.trim().split("\n").slice(-10).join("\n")}`);
    }
    renameSync(unfinished, pdf);
  } finally {
    // Chromium's helpers may still write into it when it has ended.
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    rmSync(unfinished, { force: true });
  }
}
