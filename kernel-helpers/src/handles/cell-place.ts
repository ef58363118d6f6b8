import { afresh, cellRun, currentCell } from "../cells";

/** How many stack frames are looked at. */
const DEPTH = 50;
/** The name that our kernel gives to a cell's code: its count, and a fingerprint of its text. */
const OUR_CELL = /^cell\[(\d+)\]-([0-9a-f]+)$/;

/** The cell that the stock kernel runs now, as far as a call has told. */
const stock: { run?: unknown; text?: string } = {};

/**
 * Where the call in progress stands in the running cell: `text:line:column` of each stack frame that is code of a cell, the innermost
 * first. `text` stands for the cell's text. undefined when other code makes the call: a callback, or what an earlier cell left running.
 */
export function placeInCell(): string | undefined {
  const stack = callSites();
  const sites = stack.filter(isCode);
  const outermost = sites.at(-1);
  if (outermost === undefined || !isRunning(outermost, stack)) return undefined;
  return sites.map(spot).join(" ");
}

/** `text:line:column` of the innermost stack frame that is code of a cell, of whichever. */
export function spotInCell(): string | undefined {
  const site = callSites().find(isCode);
  return site === undefined ? undefined : spot(site);
}

/** tslab compiles every cell without a file name. */
function isCode(site: NodeJS.CallSite): boolean {
  return site.getFileName()?.startsWith("evalmachine.") ?? false;
}

function spot(site: NodeJS.CallSite): string {
  return `${textOf(site)}:${site.getLineNumber()}:${site.getColumnNumber()}`;
}

function ourCell(site: NodeJS.CallSite): RegExpExecArray | null {
  return OUR_CELL.exec(site.getScriptNameOrSourceURL() ?? "");
}

/** What stands for the cell's text: the fingerprint that our kernel gives it, or on the stock kernel V8's hash of the script. */
function textOf(site: NodeJS.CallSite): string {
  return ourCell(site)?.[2] ?? site.getScriptHash();
}

function isRunning(outermost: NodeJS.CallSite, stack: readonly NodeJS.CallSite[]): boolean {
  const ours = ourCell(outermost);
  if (ours !== null) return Number(ours[1]) === currentCell()?.count;
  // The stock kernel does not tell which cell runs. But as long as a cell has not awaited anything, it is run by node:vm.
  if (stack.some((site) => site.getFileName() === "node:vm")) {
    stock.run = cellRun();
    stock.text = textOf(outermost);
  }
  return stock.run === cellRun() && stock.text === textOf(outermost);
}

const asTheyAre = (_: Error, frames: NodeJS.CallSite[]): NodeJS.CallSite[] => frames;
/** Does nothing when a cell has frozen Error. */
const set = <K extends keyof typeof Error>(key: K, value: (typeof Error)[K]) => Reflect.set(Error, key, value);
/** What others have set. */
let prepare: typeof Error.prepareStackTrace;
let limit: number;

function callSites(): NodeJS.CallSite[] {
  putBack();
  prepare = Error.prepareStackTrace;
  limit = Error.stackTraceLimit;
  try {
    set("stackTraceLimit", DEPTH);
    set("prepareStackTrace", asTheyAre);
    const { stack } = new Error() as { stack?: unknown };
    // In the middle of making another error's stack V8 makes its own, which is a text.
    return Array.isArray(stack) ? stack : [];
  } finally {
    putBack();
  }
}

function putBack(): void {
  if (Error.prepareStackTrace !== asTheyAre) return;
  set("prepareStackTrace", prepare);
  set("stackTraceLimit", limit);
}
afresh(putBack);
