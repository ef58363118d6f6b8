import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Converter } from "tslab/dist/converter";
import { createConverter } from "tslab/dist/converter";
import type { ConverterSet } from "tslab/dist/executor";
import { noteCell, noteModuleCell, noteModules } from "./places/scripts";
import { handOverThrows } from "./places/throws";
import { hasTopLevelAwait } from "./top-level-await";

/**
 * tslab's converters from TypeScript to JavaScript, with two repairs: every top-level await is noticed, and the code of a cell
 * has a name in stack traces, `cell[3]-0123456789ab`: the number of the cell, given by `count`, and a fingerprint of its text, by
 * which the handles know a cell that is run again.
 */
export function createConverters(count: () => number): ConverterSet {
  const node = repaired(createConverter({ isJS: false, isBrowser: false }), count);
  let browser: Converter | undefined;
  return {
    node,
    get browser() {
      browser ??= createConverter({ isJS: false, isBrowser: true });
      return browser;
    },
    close() {
      node.close();
      browser?.close();
    },
  };
}

function repaired(converter: Converter, count: () => number): Converter {
  return {
    ...converter,
    convert(previous, code) {
      const converted = converter.convert(previous, code);
      noteModules(converted.sideOutputs);
      if (converted.output === undefined) return converted;
      converted.hasToplevelAwait ||= hasTopLevelAwait(code);
      const name = `cell[${count()}]-${fingerprint(code)}`;
      converted.output = `${handOverThrows(converted.output)}\n//# sourceURL=${name}`;
      noteCell(name, `cell [${count()}]`, code, converted.output);
      return converted;
    },
    addModule(name, content, meta) {
      noteModuleCell(join(process.cwd(), name), content);
      return converter.addModule(name, content, meta);
    },
  };
}

function fingerprint(code: string): string {
  return createHash("sha1").update(code).digest("hex").slice(0, 12);
}
