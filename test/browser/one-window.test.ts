import { afterAll, describe } from "vitest";
import { cells } from "./one-window/cells.js";
import { printed } from "./one-window/printed.js";
import { saved } from "./one-window/saved.js";
import { views } from "./one-window/views.js";
import { OneWindow } from "./one-window/window.js";

/*
 * What needs no JupyterLab of its own has one together, and one window: to start a server, a browser and JupyterLab's page takes seven
 * seconds of a processor's time. Each has a notebook of its own there, and closes it.
 */

const window = new OneWindow();

afterAll(() => window.stop());

describe("cells", () => cells(window));
describe("what is printed", () => printed(window));
describe("a notebook that is saved", () => saved(window));
describe("views", () => views(window));
