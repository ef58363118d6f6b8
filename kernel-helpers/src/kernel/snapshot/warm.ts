import type { createConverters } from "../convert";
import { withoutFolder } from "../folder";
import { OWN_TYPES } from "../late-types";
import { loadCompiler } from "../resolve";
import { compilerWatching, stamp } from "../watching";
import { compileAhead } from "./ahead";
import type { Contents } from "./contents";

type Converters = ReturnType<typeof createConverters>;

/** Cells as people write them: what the compiler has done once, it has compiled, and what it has found out, it knows. */
const CELLS = [
  'import { socket, AF_INET, SOCK_STREAM, LOOPBACK, choosePort } from "kernel-helpers";\nconst PORT = choosePort();',
  'import * as all from "kernel-helpers";\nall.closeAll();',
  "1 + 1",
];

/** Makes all of the kernel ready that can be ready before there is a process. */
export function warmUp(modules: Record<string, NodeJS.Module>, use: Contents["use"]): Contents {
  withoutFolder(true);
  loadCompiler();
  const converting: { createConverters: (...given: never[]) => Converters } = require("../convert");
  require("../engine");
  const made = makeReady(converting);
  for (const code of CELLS) made.node.warmUp(code);
  withoutFolder(false);
  const ahead = compileAhead(modules);
  const sources = [...Object.keys(modules), ...Object.keys(ahead), ...(compilerWatching()?.files ?? []), OWN_TYPES];
  return {
    stamps: sources.map((path): [string, string] => [path, stamp(path)]),
    types: OWN_TYPES,
    ahead,
    use,
  };
}

/** Makes the converters, which the engine will get when it asks for them; what it gives them, they get then. */
function makeReady(converting: { createConverters: (...given: never[]) => Converters }): Converters {
  const create = converting.createConverters;
  let given: unknown[] = [];
  // Whatever they are given is called, not looked at.
  const calls = Array.from({ length: create.length }, (_, i) => (...args: unknown[]) => {
    const own = given[i];
    return typeof own === "function" ? own(...args) : 0;
  });
  const made = create(...(calls as never[]));
  converting.createConverters = (...own) => {
    given = own;
    converting.createConverters = create;
    return made;
  };
  return made;
}
