import type { Picture } from "../../kernel-helpers/dist/pictures/index.js";
import { ladder } from "../../kernel-helpers/dist/pictures/index.js";
import { others } from "./other-scenes.mjs";
import { ladders } from "./scenes.mjs";

/** Every scene of the gallery with its picture, drawn anew. */
export const drawn: [name: string, draw: () => Picture][] = [
  ...Object.entries(ladders).map(([name, { scene, options }]): [string, () => Picture] => [
    name,
    () => ladder(scene, options),
  ]),
  ...Object.entries(others).map(([name, { draw }]): [string, () => Picture] => [name, draw]),
];
