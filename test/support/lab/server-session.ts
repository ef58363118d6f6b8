import type { Page } from "playwright-core";

/** What a Jupyter server has handed on for one cell, over the WebSocket that JupyterLab uses, too. */
export interface HandedOn {
  /** The reply's status. */
  status: string;
  stdout: string;
  /** What the server itself says, that it throws away messages, stands there. */
  stderr: string;
  /** How many messages of each type. */
  counts: Record<string, number>;
  /** The last words of each display that can be shown anew. */
  shown: string[];
  results: string[];
}

interface Message {
  header: { msg_type: string };
  parent_header: { msg_id?: string };
  content: Record<string, unknown>;
  channel: string;
}

/**
 * Runs cells in a new kernel of the server that the page comes from. JupyterLab is left out: it draws a long text anew with every piece that
 * is added, which takes minutes for megabytes.
 */
export function runInServer(page: Page, path: string, cells: string[]): Promise<HandedOn[]> {
  return page.evaluate(runThere, [path, cells] as const);
}

/** Runs in the page. */
async function runThere([path, cells]: readonly [string, string[]]): Promise<HandedOn[]> {
  const { location, document } = globalThis as unknown as {
    location: URL;
    document: { getElementById(id: string): { textContent: string } };
  };
  const { token } = JSON.parse(document.getElementById("jupyter-config-data").textContent) as { token: string };
  const headers = { Authorization: `token ${token}`, "Content-Type": "application/json" };
  const made = await fetch("/api/kernels", { method: "POST", headers, body: JSON.stringify({ name: "tslab", path }) });
  const { id } = (await made.json()) as { id: string };
  const socket = new WebSocket(`ws://${location.host}/api/kernels/${id}/channels?token=${token}`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const execute = (code: string): Promise<HandedOn> =>
    new Promise((resolve) => {
      const msg_id = `${Math.random()}`;
      const got: HandedOn = { status: "", stdout: "", stderr: "", counts: {}, shown: [], results: [] };
      const shown = new Map<string, string>();
      let idle = false;
      socket.onmessage = ({ data }: { data: string }) => {
        const { header, parent_header, content, channel } = JSON.parse(data) as Message;
        if (parent_header.msg_id !== msg_id) return;
        const type = header.msg_type;
        got.counts[type] = (got.counts[type] ?? 0) + 1;
        if (type === "stream") got[content.name as "stdout" | "stderr"] += content.text as string;
        if (type === "execute_result") got.results.push((content.data as Record<string, string>)["text/plain"]!);
        if (type === "display_data" || type === "update_display_data") {
          const { display_id = `${shown.size}` } = content.transient as { display_id?: string };
          shown.set(display_id, Object.values(content.data as Record<string, string>)[0]!);
        }
        if (type === "status" && content.execution_state === "idle") idle = true;
        if (channel === "shell") got.status = content.status as string;
        if (!idle || got.status === "") return;
        resolve({ ...got, shown: [...shown.values()] });
      };
      const header = { msg_id, msg_type: "execute_request", session: "test", username: "", version: "5.3", date: "" };
      const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
      socket.send(JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content }));
    });
  const done: HandedOn[] = [];
  for (const code of cells) done.push(await execute(code));
  socket.close();
  await fetch(`/api/kernels/${id}`, { method: "DELETE", headers });
  return done;
}
