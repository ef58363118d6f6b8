import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The TypeScript that notebooks are compiled with. */
export const ts: typeof import("@tslab/typescript-for-tslab") = createRequire(import.meta.url)(
  "@tslab/typescript-for-tslab",
);

const SRC = fileURLToPath(new URL("../../kernel-helpers/src", import.meta.url));

/** What one source file needs of others. */
export interface Import {
  /** The module as it is written. */
  readonly specifier: string;
  /** Types alone: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

/** One source file of the package. */
export interface Source {
  /** Its path below src: "libc/funnel.ts". */
  readonly path: string;
  /** The folder that it lies in: its floor; "" for the files of src itself. */
  readonly floor: string;
  readonly imports: readonly Import[];
  /** The names that it declares and exports, without those that it hands on. */
  readonly declared: readonly string[];
  /** The texts in it, without comments. */
  readonly strings: readonly string[];
  /** All of it. */
  readonly text: string;
}

/** All source files. */
export function sources(): Source[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => read(path, readFileSync(`${SRC}/${path}`, "utf8")));
}

/** Reads one file. Imports are declarations, re-exports, `import()`, `import("…")` in types, and `require` under any name. */
export function read(path: string, text: string): Source {
  const imports: Import[] = [];
  const strings: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const needs = (node: import("@tslab/typescript-for-tslab").Node | undefined, typeOnly: boolean) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) imports.push({ specifier: node.text, typeOnly });
  };
  const visit = (node: import("@tslab/typescript-for-tslab").Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) strings.push(node.text);
    if (ts.isImportDeclaration(node)) needs(node.moduleSpecifier, onlyTypes(node.importClause));
    if (ts.isExportDeclaration(node)) needs(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isExternalModuleReference(node)) needs(node.expression, false);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) needs(node.argument.literal, true);
    if (ts.isCallExpression(node) && /require|^import/.test(node.expression.getText())) needs(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const declared = file.statements.flatMap(declaredBy);
  const floor = path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
  return { path, floor, imports, declared, strings, text };
}

function declaredBy(statement: import("@tslab/typescript-for-tslab").Statement): string[] {
  const exported = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
  if (!exported) return [];
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
  return declarations.flatMap((declaration) => {
    const { name } = declaration as { name?: import("@tslab/typescript-for-tslab").Node };
    return name === undefined ? [] : [name.getText()];
  });
}

function onlyTypes(clause: import("@tslab/typescript-for-tslab").ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  const named = clause.namedBindings;
  if (clause.isTypeOnly || clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) {
    return clause.isTypeOnly;
  }
  return named.elements.length > 0 && named.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** The floor that an import of this file reaches; undefined for packages and Node's own modules. */
export function floorOf(source: Source, { specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(source.path), specifier);
  if (target.startsWith("..")) throw new Error(`${source.path} imports ${specifier}, which lies outside the package.`);
  return target.includes("/") ? target.slice(0, target.indexOf("/")) : isFolder(target) ? target : "";
}

const isFolder = (name: string): boolean =>
  readdirSync(SRC, { withFileTypes: true }).some((entry) => entry.isDirectory() && entry.name === name);
