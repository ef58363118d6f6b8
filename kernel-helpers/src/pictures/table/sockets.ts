import { escapeText } from "../clean";
import { count } from "../duration";
import { MONO } from "../theme";

/** One socket as the operating system tells of it, joined to the handle that has it. */
export interface SocketTableRow {
  /** The handle's name; missing when no handle has the socket. */
  readonly handle?: string;
  readonly fd?: number;
  readonly protocol: string;
  readonly local: string;
  readonly peer?: string;
  readonly state?: string;
  /** Bytes that have arrived and wait for a receive; for a listener the connections that wait for accept. */
  readonly receiveQueue?: number;
  /** Bytes sent and not acknowledged. */
  readonly sendQueue?: number;
  /** For a listener: how many connections wait, and how many may. */
  readonly backlog?: { readonly waiting: number; readonly limit: number };
  readonly drops?: number;
  /** For a socket without a handle: what it is, instead of "(no handle any more)". */
  readonly note?: string;
  /** Whose it is, when it is not of this notebook: "pid 4711 python3", "another process". */
  readonly owner?: string;
  /** The network that it is in, when it is not the notebook's: "of lab". */
  readonly network?: string;
}

/** A table as HTML and as plain text. */
export interface HtmlTable {
  readonly html: string;
  readonly text: string;
}

/** A cell: its text, and what stands below it in a quieter line. */
interface Cell {
  readonly text: string;
  readonly below?: readonly string[];
}

interface Column {
  readonly heading: string;
  /** A line of it as HTML, with the places where it may break: unless told, it breaks nowhere. */
  readonly line?: (text: string) => string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  readonly cell: (row: SocketTableRow) => Cell;
  /** A column that has something to say in none of the rows is left out. */
  readonly needed?: (row: SocketTableRow) => boolean;
}

/**
 * Columns for half a window of 1366 pixels, which has 519 for a table (measured, JupyterLab 4.6): the descriptor, the protocol and the
 * owner stand below the name, the peer below the local address.
 */
const COLUMNS: readonly Column[] = [
  { heading: "handle", line: escapeText, cell: (row) => ({ text: nameOf(row), below: about(row) }) },
  {
    heading: "local / peer",
    line: addressLine,
    cell: ({ local, peer }) => ({ text: local, below: peer === undefined ? [] : [`↔ ${peer}`] }),
  },
  { heading: "state", cell: ({ state }) => ({ text: state ?? "–" }), needed: ({ state }) => state !== undefined },
  {
    heading: "Recv-Q",
    right: true,
    cell: ({ receiveQueue }) => ({ text: number(receiveQueue) }),
  },
  { heading: "Send-Q", right: true, cell: ({ sendQueue }) => ({ text: number(sendQueue) }) },
  {
    heading: "backlog",
    right: true,
    line: (text) => text.replaceAll(" of ", "&nbsp;of&nbsp;"),
    cell: ({ backlog }) => ({ text: backlog === undefined ? "–" : backlogText(backlog) }),
    needed: ({ backlog }) => backlog !== undefined,
  },
  {
    heading: "drops",
    right: true,
    cell: ({ drops }) => ({ text: number(drops) }),
    needed: ({ drops }) => drops !== undefined,
  },
];

/** What a connection leaves behind when no descriptor leads to it any more. */
const LEFTOVER = new Set(["TIME_WAIT", "FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK"]);
/** As many leftovers as these are shown one by one, the first of the rows: a text can speak of them. */
const SHOWN_LEFTOVERS = 2;

/**
 * The sockets as a table: this notebook's first, then those without a handle, then other processes'.
 *
 * What earlier connections have left behind is folded into one line that says how many of what, but for the first ones. In words there is
 * a column for everything: a terminal is as wide as its user makes it.
 *
 * @param leftovers how many of them are rows of their own
 */
export function tableOfSockets(rows: readonly SocketTableRow[], leftovers = SHOWN_LEFTOVERS): HtmlTable {
  const folded = new Set(rows.filter(isLeftover).slice(leftovers));
  const shown = rows.filter((row) => !folded.has(row)).sort((a, b) => rank(a) - rank(b));
  const rest = folded.size === 0 ? undefined : foldedText([...folded], leftovers > 0);
  const columns = COLUMNS.filter(({ needed }) => needed === undefined || shown.some(needed));
  const cells = shown.map((row) => columns.map(({ cell }) => cell(row)));
  const whole = (text: string): string => `<tr>${tag("td", escapeText(text), false, "anywhere", columns.length)}</tr>`;
  const body = [
    ...cells.map((line) => `<tr>${line.map((cell, index) => htmlCell(cell, columns[index]!)).join("")}</tr>`),
    ...(rows.length === 0 ? [whole("The system has no socket of these handles or ports.")] : []),
    ...(rest === undefined ? [] : [whole(rest)]),
  ];
  const head = columns
    .map(({ heading, right }) => tag("th", heading, right === true, right ? "nowrap" : "words"))
    .join("");
  const html =
    `<table class="workshop-table" style="border-collapse:collapse;margin:0;font-size:11px;font-family:${MONO.replaceAll("'", "&quot;")}">` +
    `<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  return { html, text: [inWords(shown), ...(rest === undefined ? [] : [rest])].join("\n") };
}

function isLeftover({ handle, owner, state }: SocketTableRow): boolean {
  return handle === undefined && owner === undefined && LEFTOVER.has(state ?? "");
}

/** "11 more ends of earlier connections, without a handle: 10 in TIME_WAIT, 1 in FIN_WAIT2" */
function foldedText(rows: readonly SocketTableRow[], more: boolean): string {
  const states = new Map<string, number>();
  for (const { state = "" } of rows) states.set(state, (states.get(state) ?? 0) + 1);
  const parts = [...states].sort(([, a], [, b]) => b - a).map(([state, many]) => `${many} in ${state}`);
  return `${count(rows.length, more ? "more end" : "end", more ? "more ends" : "ends")} of earlier connections, without a handle: ${parts.join(", ")}`;
}

function rank({ handle, owner }: SocketTableRow): number {
  return handle !== undefined ? 0 : owner === undefined ? 1 : 2;
}

function nameOf({ handle, note, owner }: SocketTableRow): string {
  return handle ?? note ?? (owner === undefined ? "(no handle any more)" : "(not of this notebook)");
}

function about({ fd, protocol, owner, network }: SocketTableRow): string[] {
  return [
    fd === undefined ? protocol : `fd ${fd} · ${protocol}`,
    ...(owner === undefined ? [] : [owner]),
    ...(network === undefined ? [] : [`network ${network}`]),
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? "–" : value.toLocaleString("en-US");
}

/** How many wait, and how many may. A queue takes one connection more than its limit. */
function backlogText({ waiting, limit }: { waiting: number; limit: number }): string {
  return `${waiting} of ${limit}${waiting > limit ? ", full" : ""}`;
}

/** A host of IPv4 and a word of a name have room in their columns, with 15 and 13 letters. */
const HOST = 15;
const WORD = 13;
/** With a host that is longer the port may stand below it. */
const SHORT_HOST = 12;

/** A port may stand below its host; the sign of a peer stays with what it is about. */
function addressLine(text: string): string {
  const [, sign = "", host = text, port = ""] = /^(↔ )?(.*)(:\d+)$/.exec(text) ?? [];
  return `${sign.replace(" ", "&nbsp;")}${escapeText(host)}${host.length > SHORT_HOST ? "<wbr>" : ""}${port}`;
}

/** Whether something in it is too long for its column, and may be broken anywhere. */
function isLong(text: string, { heading }: Column): boolean {
  const [room, parts] = heading === "handle" ? [WORD, text.split(" ")] : [HOST, [text.replace(/^↔ |:\d+$/g, "")]];
  return parts.some((part) => part.length > room);
}

function htmlCell({ text, below = [] }: Cell, column: Column): string {
  const lines = [text, ...below];
  const wrap = column.line === undefined ? "nowrap" : lines.some((one) => isLong(one, column)) ? "anywhere" : "words";
  return tag("td", lines.map(column.line ?? escapeText).join("<br>"), column.right === true, wrap);
}

const WRAP = { nowrap: "white-space:nowrap", anywhere: "overflow-wrap:anywhere", words: "overflow-wrap:normal" };

/**
 * A cell has no colours of its own, so that it has those of the page, light or dark: JupyterLab, VS Code and nbconvert give them. Where it may
 * break anywhere, it breaks rather than make the table wider than its place; with that for all of them, a browser takes the room for long
 * names from the others, and breaks ESTABLISHED before its last letter.
 */
function tag(name: "td" | "th", html: string, right: boolean, wrap: keyof typeof WRAP, span = 1): string {
  const style = `text-align:${right ? "right" : "left"};vertical-align:top;padding:3px 5px;border:1px solid rgba(128,128,128,0.45);${WRAP[wrap]}`;
  return `<${name}${span === 1 ? "" : ` colspan="${span}"`} style="${style}">${html}</${name}>`;
}

const WORDS: readonly Column[] = [
  { heading: "handle", cell: (row) => ({ text: nameOf(row) }) },
  { heading: "fd", cell: ({ fd }) => ({ text: fd === undefined ? "–" : `${fd}` }) },
  { heading: "protocol", cell: ({ protocol }) => ({ text: protocol }) },
  { heading: "local", cell: ({ local }) => ({ text: local }) },
  { heading: "peer", cell: ({ peer }) => ({ text: peer ?? "–" }) },
  ...["state", "Recv-Q", "Send-Q", "backlog", "drops"].map(
    (wanted) => COLUMNS.find(({ heading }) => heading === wanted)!,
  ),
  {
    heading: "owner",
    cell: ({ owner, handle }) => ({ text: owner ?? (handle === undefined ? "the system" : "this notebook") }),
    needed: ({ owner }) => owner !== undefined,
  },
  {
    heading: "network",
    cell: ({ network }) => ({ text: network ?? "of this notebook" }),
    needed: ({ network }) => network !== undefined,
  },
];

/** The same without a page: a line for each row, a column for everything. */
function inWords(rows: readonly SocketTableRow[]): string {
  const columns = WORDS.filter(({ needed }) => needed === undefined || rows.some(needed));
  return plain([
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ cell }) => cell(row).text)),
  ]);
}

function plain(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((texts) => [...(texts[column] ?? "")].length)),
  );
  return lines
    .map((texts) =>
      texts
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
