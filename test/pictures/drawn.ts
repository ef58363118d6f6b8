import type { Picture } from "../../kernel-helpers/dist/pictures/index.js";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { ladders } from "./scenes/index.mjs";
import { others } from "./scenes/tables-and-plots.mjs";

/** Every scene of the gallery with its picture, drawn anew. */
export const drawn: [name: string, draw: () => Picture][] = [
  ...Object.entries(ladders).map(([name, { scene, options }]): [string, () => Picture] => [
    name,
    () => ladderPicture(scene, options),
  ]),
  ...Object.entries(others).map(([name, { draw }]): [string, () => Picture] => [name, draw]),
];
