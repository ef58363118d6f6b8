import { type Browser, chromium, type Page } from "playwright-core";
import { PATIENCE_MS } from "../time.js";
import { temporaryFolder } from "./folders.js";

const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox", // or it refuses to run as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  // Nothing is asked of the network: the tests run where there is none.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page, and all that went wrong in it. */
export interface Watched {
  browser: Browser;
  page: Page;
  /** Uncaught errors, and requests that left this machine. */
  troubles: string[];
}

/** Opens Chromium with one empty page. */
export async function openBrowser(): Promise<Watched> {
  const env = { ...process.env, HOME: temporaryFolder("chromium") };
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, env });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  page.setDefaultTimeout(PATIENCE_MS);
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && hostname !== "127.0.0.1") troubles.push(`asked for ${request.url()}`);
  });
  return { browser, page, troubles };
}
