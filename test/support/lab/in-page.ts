/**
 * The few parts of JupyterLab's own objects, and of the page, that the tests use. They live in the browser: only
 * functions given to `evaluate` and `waitForFunction` can touch them.
 */
export interface InPage {
  document: Node & { createRange(): Range };
  MutationObserver: new (
    changed: () => void,
  ) => {
    observe(node: Node, options: { childList: boolean; subtree: boolean; attributes: boolean }): void;
  };
  jupyterapp?: {
    shell: { currentWidget: Panel | null };
    commands: { execute(command: string, args?: object): Promise<unknown> };
  };
}

export interface Panel {
  isDisposed: boolean;
  context?: { path: string; isReady: boolean; model: { dirty: boolean } };
  sessionContext?: { session: { kernel: { status: string; info: Promise<unknown> } | null } | null };
  content: { widgets: CellWidget[]; activeCellIndex: number; mode: "command" | "edit" };
}

export interface CellWidget {
  node: Node;
  editor: {
    getPositionAt(offset: number): { line: number; column: number };
    setCursorPosition(position: { line: number; column: number }): void;
  } | null;
  model: {
    id: string;
    type: "code" | "markdown" | "raw";
    trusted: boolean;
    /** Of code cells. */
    outputs?: { length: number };
    executionCount?: number | null;
    executionState?: "idle" | "running";
    sharedModel: { getSource(): string; setSource(text: string): void };
  };
}

export interface Range {
  setStart(node: Node, offset: number): void;
  setEnd(node: Node, offset: number): void;
  getBoundingClientRect(): { width: number };
}

/** An element, or the text in one. */
export interface Node {
  readonly firstChild: Node | null;
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
  scrollIntoView(options?: { block: "start" | "center" }): void;
  readonly textContent: string;
  readonly childElementCount: number;
  readonly dataset: Record<string, string>;
  // Of images
  readonly src: string;
  readonly alt: string;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly complete: boolean;
}
