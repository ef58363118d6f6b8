/**
 * The colours, on light and on dark paper. On its paper each ink that writes or draws has a contrast of at least 4.5 to 1, and none of
 * them says anything that a shape or a word does not say too.
 *
 * A picture is an `<img>`: it sees nothing of the page but whether its colours are light or dark (the `color-scheme` of the elements
 * around it, which JupyterLab sets on the body with its theme). Where a page says nothing, the paper is light.
 */
export const THEMES = {
  light: {
    paper: "#ffffff",
    frame: "#d0d7de",
    text: "#1f2328",
    quiet: "#57606a",
    line: "#8c959f",
    bytes: "#0550ae",
    connection: "#6639ba",
    error: "#b3261e",
    good: "#116329",
    other: "#8a4600",
    wait: "#7a4a00",
    waitFill: "#fff1c2",
    shade: "#f1f3f5",
    network: "#dcebff",
  },
  dark: {
    paper: "#16191d",
    frame: "#3d444d",
    text: "#e6edf3",
    quiet: "#aab4bf",
    line: "#7d8590",
    bytes: "#79c0ff",
    connection: "#d2a8ff",
    error: "#ff8d84",
    good: "#7ee787",
    other: "#ffb454",
    wait: "#e9bd56",
    waitFill: "#3d3210",
    shade: "#262c34",
    network: "#1d3a5f",
  },
} as const;

export type Ink = keyof (typeof THEMES)["light"];

const names = Object.keys(THEMES.light) as Ink[];

/** The colours as the styles of a picture name them. */
export const INK = Object.fromEntries(names.map((name) => [name, `var(--${name})`])) as Record<Ink, string>;

const valuesOf = (theme: Readonly<Record<Ink, string>>): string =>
  `:root{${names.map((name) => `--${name}:${theme[name]}`).join(";")}}`;

/** What the names mean, with light and with dark colours around the picture. */
export const COLOURS = `${valuesOf(THEMES.light)}@media (prefers-color-scheme:dark){${valuesOf(THEMES.dark)}}`;

/** What every system has; nothing is loaded. */
export const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/** The size of the letters, in pixels. Half a window of 1366 pixels shows a picture as it is drawn: see {@link PAGE}. */
export const SIZE = 11;

/** No letter is smaller. */
export const SMALL = 10;

/** The pages of the handouts have other sizes than half a window: who runs a notebook for them says here for how many pixels it draws. */
const told = (name: string): number | undefined => {
  const pixels = Number(process.env[name]);
  return pixels >= 300 && pixels <= 2000 ? pixels : undefined;
};

/**
 * How wide a picture is at most, in pixels: an output of JupyterLab in half a window of 1366 pixels has 519 for it (measured, JupyterLab
 * 4.6). A wider one would be shown smaller, and its letters with it.
 */
export const PAGE = told("SOCKET_WORKSHOP_PICTURE_WIDTH") ?? 516;

/** How high it should be at most: a window can be scrolled, a sheet of paper cannot. */
export const PAGE_HEIGHT = told("SOCKET_WORKSHOP_PICTURE_HEIGHT") ?? Number.POSITIVE_INFINITY;
