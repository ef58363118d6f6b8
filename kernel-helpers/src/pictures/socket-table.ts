import { escapeText } from "./clean";
import { INK, MONO } from "./theme";

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

const HEADINGS = [
  "handle",
  "fd",
  "protocol",
  "local",
  "peer",
  "state",
  "Recv-Q",
  "Send-Q",
  "backlog waiting / limit",
  "drops",
  "owner",
  "network",
];
/** The columns with numbers. */
const RIGHT = new Set(["fd", "Recv-Q", "Send-Q", "drops"]);

/** The columns that have something to say: without datagram sockets nothing is dropped, and this notebook's own sockets need no owner and no network. */
function headings(rows: readonly SocketTableRow[]): string[] {
  const drops = rows.some((row) => row.drops !== undefined);
  const owner = rows.some((row) => row.owner !== undefined);
  const network = rows.some((row) => row.network !== undefined);
  const needed: Readonly<Record<string, boolean>> = { drops, owner, network };
  return HEADINGS.filter((heading) => needed[heading] !== false);
}

/** The sockets as a table: this notebook's first, then those without a handle, then other processes'. */
export function socketTable(rows: readonly SocketTableRow[]): HtmlTable {
  const ordered = [...rows].sort((a, b) => rank(a) - rank(b));
  const shown = headings(ordered);
  const cells = ordered.map((row) => {
    const texts = fields(row);
    return shown.map((heading) => texts[HEADINGS.indexOf(heading)] ?? "");
  });
  const body =
    cells.length === 0
      ? `<tr>${cell("td", "The system has no socket of these handles or ports.", false, "", shown.length)}</tr>`
      : cells.map((texts, index) => `<tr>${line("td", shown, texts, colours(ordered[index]!))}</tr>`).join("");
  const html =
    `<table style="border-collapse:collapse;margin:0;font-size:12px;font-family:${MONO.replaceAll("'", "&quot;")}">` +
    `<thead><tr>${line("th", shown, shown, `background-color:${INK.shade};color:${INK.text};font-weight:bold`)}</tr></thead>` +
    `<tbody>${body}</tbody></table>`;
  return { html, text: plain([shown, ...cells]) };
}

function rank({ handle, owner }: SocketTableRow): number {
  return handle !== undefined ? 0 : owner === undefined ? 1 : 2;
}

function fields(row: SocketTableRow): string[] {
  return [
    row.handle ?? row.note ?? (row.owner === undefined ? "(no handle any more)" : "(not of this notebook)"),
    row.fd === undefined ? "–" : `${row.fd}`,
    row.protocol,
    row.local,
    row.peer ?? "–",
    row.state ?? "–",
    number(row.backlog === undefined ? row.receiveQueue : undefined),
    number(row.sendQueue),
    row.backlog === undefined ? "–" : backlogText(row.backlog),
    number(row.drops),
    row.owner ?? (row.handle === undefined ? "the system" : "this notebook"),
    row.network ?? "of this notebook",
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? "–" : value.toLocaleString("en-US");
}

/** A queue takes one connection more than its limit. */
function backlogText({ waiting, limit }: { waiting: number; limit: number }): string {
  return `${waiting} / ${limit}${waiting > limit ? " full" : ""}`;
}

function colours(row: SocketTableRow): string {
  const paper = `background-color:${row.handle === undefined ? INK.shade : INK.paper};`;
  return `${paper}color:${INK.text}${row.handle === undefined ? ";font-style:italic" : ""}`;
}

function line(tag: "td" | "th", shown: readonly string[], texts: readonly string[], style: string): string {
  return texts.map((text, index) => cell(tag, text, RIGHT.has(shown[index] ?? ""), style)).join("");
}

/** Every cell brings its own colours: JupyterLab's themes colour cells, not tables. */
function cell(tag: "td" | "th", text: string, right: boolean, style: string, span = 1): string {
  const colours = style === "" ? `background-color:${INK.paper};color:${INK.text}` : style;
  const align = `text-align:${right ? "right" : "left"}`;
  return `<${tag}${span === 1 ? "" : ` colspan="${span}"`} style="${colours};${align};padding:3px 6px;border:1px solid ${INK.frame};white-space:${tag === "th" ? "normal" : "nowrap"}">${escapeText(text)}</${tag}>`;
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
