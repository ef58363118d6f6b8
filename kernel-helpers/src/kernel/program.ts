import type { Program } from "@tslab/typescript-for-tslab";

const NEWEST = Symbol.for("socket-workshop.program");
const holder = globalThis as unknown as Record<symbol, { get?: () => Program }>;
holder[NEWEST] ??= {};
const newest = holder[NEWEST];

type CreateProgram = (...args: unknown[]) => { getProgram(): Program };

/** Notes each program that tslab's converter makes: it keeps them to itself, and answers few of the questions that one can ask them. */
export function noteProgramsOf<T>(host: T): T {
  const maker = host as { createProgram: CreateProgram };
  const { createProgram } = maker;
  maker.createProgram = (...args) => {
    const builder = createProgram(...args);
    newest.get = () => builder.getProgram();
    return builder;
  };
  return host;
}

/** The program of the code that the converter was asked about last. */
export function newestProgram(): Program | undefined {
  return newest.get?.();
}
