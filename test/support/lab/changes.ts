import type { JSHandle, Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../time.js";
import type { InPage, Node } from "./in-page.js";

/** For how long a picture must stay the same to be at rest. */
const REST_MS = 2000;
const PATIENCE = { timeout: PATIENCE_MS };

interface Log {
  src: string;
  /** When it became another picture, in milliseconds of the page's clock. */
  times: number[];
}

/** Writes down when the first picture in an element becomes another one. Runs in the page. */
function follow(element: unknown): Log {
  const log: Log = { src: "", times: [] };
  const note = () => {
    const src = (element as Node).querySelector("img")?.src ?? "";
    if (src === log.src) return;
    log.src = src;
    log.times.push(performance.now());
  };
  const { MutationObserver } = globalThis as unknown as InPage;
  new MutationObserver(note).observe(element as Node, { childList: true, subtree: true, attributes: true });
  return log;
}

/** The changes of the first picture in an element, from now on. */
export class PictureChanges {
  private constructor(
    private readonly page: Page,
    private readonly log: JSHandle<Log>,
  ) {}

  static async in(element: Locator): Promise<PictureChanges> {
    return new PictureChanges(element.page(), await element.evaluateHandle(follow));
  }

  /** The page's clock. */
  now(): Promise<number> {
    return this.page.evaluate(() => performance.now());
  }

  /** When it changed, read when it has not changed for two seconds. */
  async untilRest(): Promise<number[]> {
    await this.page.waitForFunction(
      ([{ times }, rest]) => performance.now() - (times.at(-1) ?? 0) > rest,
      [this.log, REST_MS] as const,
      PATIENCE,
    );
    return this.log.evaluate(({ times }) => times);
  }
}
