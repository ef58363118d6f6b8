import type * as TS from "@tslab/typescript-for-tslab";
import type { CellFacts, Kind } from "./facts";
import type { TypeScript } from "./typescript";

/** The declaration of one name; a name can have several (the overloads of a function, a class and its namespace). */
export interface Declaration extends Kind {
  name: string;
  text: string;
}

/** Takes the declarations of a cell apart, name by name, so that each can be forgotten or kept by itself. */
export function split(ts: TypeScript, text: string, { kinds, said }: CellFacts): Declaration[] {
  const file = ts.createSourceFile("cell.d.ts", text, ts.ScriptTarget.ESNext, true);
  const written = file.statements
    .flatMap((statement) => single(ts, statement, file))
    .filter(({ name }) => !Object.hasOwn(said, name));
  const ours = Object.entries(said).map(([name, text]) => ({ name, text }));
  return [...written, ...ours].map((one) => ({ ...one, ...(kinds[one.name] ?? { value: true, type: true }) }));
}

function single(ts: TypeScript, statement: TS.Statement, file: TS.SourceFile): { name: string; text: string }[] {
  const documented = text(statement, file);
  if (ts.isVariableStatement(statement)) {
    const { flags, declarations } = statement.declarationList;
    const kind = flags & ts.NodeFlags.Const ? "const" : flags & ts.NodeFlags.Let ? "let" : "var";
    const comment = documented.slice(0, documented.length - statement.getText(file).length);
    return declarations.map((declaration) => ({
      name: declaration.name.getText(file),
      text: `${comment}declare ${kind} ${declaration.getText(file)};`,
    }));
  }
  if (ts.isImportDeclaration(statement)) return imports(ts, statement, file);
  if (ts.isModuleDeclaration(statement) && (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0)
    return [{ name: globalName(ts, statement, file), text: documented }];
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    (ts.isModuleDeclaration(statement) && ts.isIdentifier(statement.name))
  )
    return [{ name: statement.name?.getText(file) ?? "", text: documented }];
  return [];
}

/** What a `declare global {…}` stands under: the same for one with the same names, which takes its place; no name of a cell has such characters. */
function globalName(ts: TypeScript, { body }: TS.ModuleDeclaration, file: TS.SourceFile): string {
  const inside = body !== undefined && ts.isModuleBlock(body) ? body.statements : [];
  const names = inside.flatMap((statement) => single(ts, statement, file)).map(({ name }) => name);
  return `global ${names.join()}`;
}

function imports(ts: TypeScript, statement: TS.ImportDeclaration, file: TS.SourceFile) {
  const clause = statement.importClause;
  if (clause === undefined) return [];
  const from = `from ${statement.moduleSpecifier.getText(file)};`;
  const word = clause.isTypeOnly ? "import type" : "import";
  const made =
    clause.name === undefined ? [] : [{ name: clause.name.text, text: `${word} ${clause.name.text} ${from}` }];
  const { namedBindings } = clause;
  if (namedBindings === undefined) return made;
  if (ts.isNamespaceImport(namedBindings))
    return [...made, { name: namedBindings.name.text, text: `${word} ${namedBindings.getText(file)} ${from}` }];
  const named = namedBindings.elements.map((element) => ({
    name: element.name.text,
    text: `${word} { ${element.getText(file)} } ${from}`,
  }));
  return [...made, ...named];
}

/** With its documentation, without what else stands before it. */
function text(statement: TS.Statement, file: TS.SourceFile): string {
  return file.text.slice(statement.getStart(file, true), statement.end);
}

/**
 * What the compiler knows after a cell: the new declarations, and of the old ones those whose name has not got another meaning. A class
 * is a value and a type: when only the type is new, the value is still there, of a type that nothing names any more.
 */
export function merge(old: readonly Declaration[], added: readonly Declaration[]): Declaration[] {
  const values = new Set(added.filter((one) => one.value).map((one) => one.name));
  const types = new Set(added.filter((one) => one.type).map((one) => one.name));
  const kept = old.flatMap((one): Declaration[] => {
    if (one.value && values.has(one.name)) return [];
    if (!one.type || !types.has(one.name)) return [one];
    return one.value ? [{ name: one.name, value: true, type: false, text: `declare let ${one.name}: any;` }] : [];
  });
  return [...added, ...kept];
}

export function join(declarations: readonly Declaration[]): string {
  return declarations.map((one) => `${one.text}\n`).join("");
}
