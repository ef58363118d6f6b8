import { readFileSync } from "node:fs";
import type { Kernel } from "../../support/jupyter/index.js";
import { readNotebook } from "../../support/notebooks.js";
import { descendants } from "../../support/processes.js";
import { median, timed } from "../measure/figures.js";
import type { Peer } from "./peers.js";

/** What one life of a kernel took, in milliseconds. */
export interface Life {
  ready: number;
  /** The first cell, which is 1+1. */
  first: number;
  imports: number;
  /** A cell with 1+1 in a kernel that has run some: the median. */
  warm: number;
  /** MB, what it shares with others by their number (PSS), its children included. */
  memory: number;
}

/** Runs a cell. @returns how long it took until its reply and its idle status were there */
export async function cell(kernel: Kernel, code: string): Promise<number> {
  return timed(async () => {
    const done = await kernel.execute(code);
    const why = done.errors.map(({ ename, evalue }) => `${ename}: ${evalue}`).join();
    if (done.status !== "ok") throw new Error(`the cell ended with ${done.status}: ${code}\n${why}${done.stderr}`);
  });
}

const WARM_CELLS = 20;

function memory(pid: number): number {
  const all = [pid, ...descendants(pid).map((one) => one.pid)];
  const kilobytes = all.map((one) => {
    const text = readFileSync(`/proc/${one}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]);
  });
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** Starts a kernel, runs its first cells, and ends it. */
export async function live({ start, imports }: Peer): Promise<Life> {
  const kernel = await start();
  try {
    const first = await cell(kernel, "1+1");
    const importing = await cell(kernel, imports);
    const warm: number[] = [];
    for (let i = 0; i < WARM_CELLS; i++) warm.push(await cell(kernel, "1+1"));
    return { ready: kernel.readyMs, first, imports: importing, warm: median(warm), memory: memory(kernel.pid) };
  } finally {
    await kernel.stop();
  }
}

/** "Restart Kernel and Run All Cells", over and over: each kernel that has run the notebook ends before the next one starts. */
export class Restarted {
  private constructor(
    private readonly peer: Peer,
    private readonly cells: readonly string[],
    private kernel: Kernel,
  ) {}

  static async of(peer: Peer, notebook: string): Promise<Restarted> {
    const cells = readNotebook(notebook).code.map(({ source }) => source);
    return new Restarted(peer, cells, await peer.start());
  }

  /** Once. @returns how long it took from the click to the end of the last cell, in milliseconds */
  again(): Promise<number> {
    return timed(async () => {
      await this.kernel.shutdown({ restart: true });
      await this.stop();
      this.kernel = await this.peer.start();
      const submitted = this.cells.map((source) => this.kernel.submit(source));
      for (const one of submitted) await this.kernel.finish(one);
    });
  }

  stop(): Promise<void> {
    return this.kernel.stop();
  }
}
