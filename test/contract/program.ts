import { fileURLToPath } from "node:url";
import { ts } from "./source.js";

export type Program = import("@tslab/typescript-for-tslab").Program;
type Symbol = import("@tslab/typescript-for-tslab").Symbol;
export type Type = import("@tslab/typescript-for-tslab").Type;
type Declaration = import("@tslab/typescript-for-tslab").Declaration;

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const OURS = `${PROJECT}kernel-helpers/dist/`;
/** A cell, as it would lie beside the notebook. */
const CELL = `${PROJECT}notebooks/cell.ts`;

/** Compiles a cell as tslab does: CommonJS, the node10 resolution, ES2022; and, unlike tslab, looks into declaration files too. */
export function compile(cell: string): Program {
  const options: import("@tslab/typescript-for-tslab").CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
    typeRoots: [`${PROJECT}node_modules/@types`],
    esModuleInterop: true,
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === CELL || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === CELL
      ? ts.createSourceFile(name, cell, ts.ScriptTarget.ES2022, true)
      : getSourceFile.call(host, name, ...rest);
  return ts.createProgram([CELL], options, host);
}

/** The complaints about the cell and about our declaration files: `cell.ts:3 TS2345 …`. */
export function complaints(program: Program): string[] {
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file === undefined || file.fileName === CELL || file.fileName.startsWith(OURS))
    .map(({ file, start = 0, code, messageText }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
      const name = file?.fileName.replace(OURS, "").replace(/.*\/cell\.ts$/, "cell.ts");
      return `${name}:${line} TS${code} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

/** A declaration file of ours, by its path below dist; the one whose exports are the package's, unless told. */
export function fileOf(program: Program, file = "index.d.ts"): import("@tslab/typescript-for-tslab").SourceFile {
  return program.getSourceFiles().find(({ fileName }) => fileName === OURS + file)!;
}

export const isOurs = (declaration: Declaration): boolean => declaration.getSourceFile().fileName.startsWith(OURS);

export function isPublic(symbol: Symbol): boolean {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || ts.isParameter(declaration)) return declaration === undefined;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(declaration) & hidden) === 0 && !symbol.name.startsWith("#");
}

export function resolverOf(checker: import("@tslab/typescript-for-tslab").TypeChecker) {
  return (symbol: Symbol) => ((symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol);
}

/**
 * The types of ours that an exported declaration names, or one of those that it names, and that are not exported from the same file:
 * `LivePlot → Axis`.
 *
 * @param file its path below dist
 */
export function unexported(program: Program, file = "index.d.ts"): string[] {
  const checker = program.getTypeChecker();
  const resolve = resolverOf(checker);
  const index = fileOf(program, file);
  const exported = new Set<Symbol>(checker.getExportsOfModule(checker.getSymbolAtLocation(index)!).map(resolve));
  const visited = new Set<Symbol>();
  const found = new Set<string>();

  const look = (symbol: Symbol): void => {
    if (visited.has(symbol)) return;
    visited.add(symbol);
    if ((symbol.flags & ts.SymbolFlags.ValueModule) !== 0)
      checker.getExportsOfModule(symbol).map(resolve).forEach(look);
    else for (const declaration of symbol.declarations ?? []) if (isOurs(declaration)) walk(declaration, symbol.name);
  };
  /** The members of a union have names through it: `Extract<Call, { name: "bind" }>`. They need no other, but what they name does. */
  const computed = (alias: import("@tslab/typescript-for-tslab").TypeAliasDeclaration): void => {
    const type = checker.getTypeAtLocation(alias);
    const members = (type.isUnion() ? type.types : [type]).flatMap(({ symbol }) => symbol ?? []);
    for (const member of members) exported.add(member);
    members.forEach(look);
  };
  const walk = (node: import("@tslab/typescript-for-tslab").Node, from: string): void => {
    if (ts.isClassElement(node) && isHidden(node)) return;
    if (ts.isTypeAliasDeclaration(node) && asksValue(node.type)) {
      computed(node);
      return;
    }
    const name = named(node);
    if (name !== undefined) {
      const symbol = checker.getSymbolAtLocation(name);
      if (symbol !== undefined) reach(resolve(symbol), from);
    }
    ts.forEachChild(node, (child) => walk(child, from));
  };
  const reach = (symbol: Symbol, from: string): void => {
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined || !isOurs(declaration) || ts.isTypeParameterDeclaration(declaration)) return;
    if (!exported.has(symbol)) found.add(`${from} → ${symbol.name}`);
    look(symbol);
  };
  [...exported].forEach(look);
  return [...found].sort();
}

/** Whether a type is made from a value: `keyof typeof TABLE`. */
function asksValue(node: import("@tslab/typescript-for-tslab").Node): boolean {
  return ts.isTypeQueryNode(node) || (ts.forEachChild(node, (child) => asksValue(child) || undefined) ?? false);
}

/** The name of the type, if a node names one. */
function named(
  node: import("@tslab/typescript-for-tslab").Node,
): import("@tslab/typescript-for-tslab").Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return ts.isImportTypeNode(node) ? node.qualifier : undefined;
}

function isHidden(element: import("@tslab/typescript-for-tslab").ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (
    (ts.getCombinedModifierFlags(element) & hidden) !== 0 ||
    (element.name !== undefined && ts.isPrivateIdentifier(element.name))
  );
}
