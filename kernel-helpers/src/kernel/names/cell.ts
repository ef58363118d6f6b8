import type * as TS from "@tslab/typescript-for-tslab";
import { Assignments } from "./assign";
import { type CellFacts, kindsOf, localsOf } from "./facts";
import { relativeName } from "./relative";
import type { TypeScript } from "./typescript";

/** A cell and the declarations of the cells before it, as the compiler has checked them. */
export interface Checked {
  ts: TypeScript;
  checker: TS.TypeChecker;
  cell: TS.SourceFile;
  earlier: TS.SourceFile;
}

/**
 * Makes JavaScript of a cell in which each top-level name is a property of one table, whichever cell declares, reads or changes it:
 *
 *     const { notebook, cell } = __tslab__;
 *     notebook.twice = twice;
 *     notebook.on = true, cell.reached = 1;
 *     function twice(n) { return notebook.on ? 2 * n : 0; }
 *     cell.result = (0, notebook.twice)(4);
 *
 * So there is one variable of a name in a notebook, as in Python's and in a browser's console: code that still runs sees what a later cell
 * assigns, and a declaration that is run again gives the same variable another value. tslab itself gives each cell variables of its own and
 * copies them: a loop of an earlier cell never sees what a later one assigns; and it takes the names of properties for variables.
 *
 * Types are looked up before anything is changed, and the compiler has named each identifier's symbol: nothing is guessed from its text.
 */
export class CellCode {
  readonly facts: CellFacts;
  readonly #own: Map<string, TS.Symbol>;
  readonly #earlier: Map<string, TS.Symbol>;
  readonly #outside: Set<string>;
  readonly #table: string;
  readonly #run: string;
  #assignments!: Assignments;
  #context!: TS.TransformationContext;

  constructor(readonly checked: Checked) {
    const { ts, checker, cell, earlier } = checked;
    this.#own = localsOf(ts, cell);
    this.#earlier = localsOf(ts, earlier);
    const outside = [...this.#own].filter(([, symbol]) => this.#isOutside(symbol)).map(([name]) => name);
    this.#outside = new Set(outside);
    this.facts = { kinds: kindsOf(ts, checker, cell), steps: [], vars: [], said: {}, outside };
    this.#table = unused("notebook", cell);
    this.#run = unused("cell", cell);
  }

  /** For the compiler, before it makes JavaScript of the cell. */
  readonly transform: TS.TransformerFactory<TS.SourceFile> = (context) => (file) => {
    const { ts, cell } = this.checked;
    this.#context = context;
    this.#assignments = new Assignments(
      ts,
      (name) => this.#place(name),
      (node) => this.#visitExpression(node),
    );
    const last = lastExpression(ts, cell);
    // tslab has put `export {};` before the cell, and the list of its names behind it.
    const own = file.statements.filter((statement) => !isExportOfNames(ts, statement));
    const directives = own.findIndex((statement) => statement === last || !ts.isPrologueDirective(statement));
    const start = directives < 0 ? own.length : directives;
    const statements = own
      .slice(start)
      .flatMap((statement) => (statement === last ? this.#result(last) : this.#topLevel(statement)));
    const all = [...own.slice(0, start), this.#head(), ...this.#functions(), ...statements];
    this.facts.said = { ...this.#blockVars(), ...this.#modules() };
    return ts.factory.updateSourceFile(file, ts.setTextRange(ts.factory.createNodeArray(all), file.statements));
  };

  /** `const { notebook, cell } = __tslab__;` */
  #head(): TS.Statement {
    const { factory, NodeFlags } = this.checked.ts;
    const names = [["notebook", this.#table] as const, ["cell", this.#run] as const];
    const pattern = factory.createObjectBindingPattern(
      names.map(([key, name]) => factory.createBindingElement(undefined, key === name ? undefined : key, name)),
    );
    const declaration = factory.createVariableDeclaration(
      pattern,
      undefined,
      undefined,
      factory.createIdentifier("__tslab__"),
    );
    return factory.createVariableStatement([], factory.createVariableDeclarationList([declaration], NodeFlags.Const));
  }

  /** Functions are there before the first statement. */
  #functions(): TS.Statement[] {
    const { ts, cell } = this.checked;
    return cell.statements
      .filter((statement) => ts.isFunctionDeclaration(statement) && statement.body !== undefined)
      .flatMap((statement) => this.#copy((statement as TS.FunctionDeclaration).name) ?? []);
  }

  #result(statement: TS.ExpressionStatement): TS.Statement {
    const { factory } = this.checked.ts;
    const value = this.#visitExpression(statement.expression);
    const place = factory.createPropertyAccessExpression(factory.createIdentifier(this.#run), "result");
    return this.#located(factory.createExpressionStatement(factory.createAssignment(place, value)), statement);
  }

  #topLevel(statement: TS.Statement): TS.Statement | TS.Statement[] {
    const { ts } = this.checked;
    if (ts.isVariableStatement(statement) && !isAmbient(ts, statement))
      return this.#assigned(statement, statement.declarationList);
    const visited = this.#required(statement) ?? (this.#visit(statement) as TS.Statement);
    const names = this.#declaredBy(statement).map((name) => this.#copy(name, true));
    return [visited, ...names.filter((made) => made !== undefined)];
  }

  /** `import fs = require("fs")` is `const fs = require("fs")`. */
  #required(statement: TS.Statement): TS.Statement | undefined {
    const { ts, cell } = this.checked;
    const { factory } = ts;
    if (!ts.isImportEqualsDeclaration(statement) || statement.isTypeOnly) return undefined;
    const { name, moduleReference } = statement;
    if (!ts.isExternalModuleReference(moduleReference) || !this.#runs(name.text)) return undefined;
    const module = relativeName(ts, cell, moduleReference.expression);
    const call = factory.createCallExpression(factory.createIdentifier("require"), undefined, [module]);
    const declaration = factory.createVariableDeclaration(name.text, undefined, undefined, call);
    const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
    return this.#located(factory.createVariableStatement(undefined, list), statement);
  }

  /** The names of a class, enum, namespace or import: they stay what they are, and the table gets their value. */
  #declaredBy(statement: TS.Statement): (TS.Identifier | undefined)[] {
    const { ts } = this.checked;
    if (isAmbient(ts, statement)) return [];
    if (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) return [statement.name];
    if (ts.isModuleDeclaration(statement)) return ts.isIdentifier(statement.name) ? [statement.name] : [];
    if (ts.isImportEqualsDeclaration(statement)) return [statement.name];
    if (!ts.isImportDeclaration(statement)) return [];
    const { name, namedBindings } = statement.importClause ?? {};
    if (namedBindings === undefined) return [name];
    if (ts.isNamespaceImport(namedBindings)) return [name, namedBindings.name];
    return [name, ...namedBindings.elements.map((element) => element.name)];
  }

  /** `notebook.name = name;`, for a name that has a value when the cell runs. */
  #copy(name: TS.Identifier | undefined, step = false): TS.Statement | undefined {
    const { factory } = this.checked.ts;
    if (name === undefined || !this.#runs(name.text)) return undefined;
    // Located, because the compiler writes something else for a name that is imported.
    const value = this.#located(factory.createIdentifier(name.text), name);
    const assignment = factory.createAssignment(this.#place(name), value);
    return factory.createExpressionStatement(step ? this.#reached([name.text], assignment) : assignment);
  }

  #runs(name: string): boolean {
    const { ts, checker } = this.checked;
    const symbol = this.#own.get(name);
    if (symbol === undefined || this.facts.kinds[name]?.value !== true) return false;
    const aliased = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    // Constant enumerations are nothing at run time, and neither is a namespace that holds only such.
    const { constEnumOnlyModule } = aliased as { constEnumOnlyModule?: boolean };
    return (aliased.flags & ts.SymbolFlags.ConstEnum) === 0 && constEnumOnlyModule !== true;
  }

  /** Declarations as assignments. A `var` has been there, without a value, from the beginning. */
  #assigned(statement: TS.Node, list: TS.VariableDeclarationList): TS.Statement {
    const { factory } = this.checked.ts;
    const made = this.#expression(list);
    return this.#located(
      made === undefined ? factory.createEmptyStatement() : factory.createExpressionStatement(made),
      statement,
    );
  }

  #expression(list: TS.VariableDeclarationList): TS.Expression | undefined {
    const { ts } = this.checked;
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
    const made = list.declarations.flatMap((declaration) => {
      const names = boundNames(ts, declaration.name);
      if (isVar) this.facts.vars.push(...names);
      const assignment = this.#assignments.of(declaration);
      if (assignment === undefined) return [];
      return isVar ? [assignment] : [this.#reached(names, assignment)];
    });
    return made.length === 0 ? undefined : made.reduce((left, right) => ts.factory.createComma(left, right));
  }

  /** Notes that the cell has come past this. */
  #reached(names: string[], expression: TS.Expression): TS.Expression {
    const { factory } = this.checked.ts;
    this.facts.steps.push(...names);
    const place = factory.createPropertyAccessExpression(factory.createIdentifier(this.#run), "reached");
    const count = factory.createNumericLiteral(this.facts.steps.length);
    return factory.createComma(expression, factory.createAssignment(place, count));
  }

  #visitExpression(node: TS.Expression): TS.Expression {
    return this.#visit(node) as TS.Expression;
  }

  readonly #visit = (node: TS.Node): TS.Node => {
    const { ts } = this.checked;
    if (ts.isExpressionWithTypeArguments(node))
      return ts.factory.updateExpressionWithTypeArguments(
        node,
        this.#visitExpression(node.expression),
        node.typeArguments,
      );
    if (ts.isTypeNode(node) || ts.isTypeParameterDeclaration(node) || isAmbient(ts, node)) return node;
    if (ts.isIdentifier(node)) return isReference(ts, node) && this.#isVariable(node) ? this.#place(node) : node;
    if (ts.isShorthandPropertyAssignment(node)) return this.#shorthand(node);
    if (ts.isImportCall(node)) return this.#import(node);
    if (ts.isCallExpression(node)) return this.#call(node);
    if (ts.isTaggedTemplateExpression(node)) return this.#tagged(node);
    if (ts.isBinaryExpression(node)) return this.#binary(node);
    if (ts.isVariableStatement(node) && this.#isTopLevelVar(node.declarationList))
      return this.#assigned(node, node.declarationList);
    if (
      (ts.isForInStatement(node) || ts.isForOfStatement(node) || ts.isForStatement(node)) &&
      this.#hasTopLevelVar(node)
    )
      return this.#loop(node);
    return ts.visitEachChild(node, this.#visit, this.#context);
  };

  /** `{ name }` is `{ name: notebook.name }`; in an assignment `{ name = 5 }` is `{ name: notebook.name = 5 }`. */
  #shorthand(node: TS.ShorthandPropertyAssignment): TS.Node {
    const { ts, checker } = this.checked;
    const { name, objectAssignmentInitializer: initial } = node;
    const symbol = checker.getShorthandAssignmentValueSymbol(node);
    if (!this.#isTopLevelSymbol(name, symbol)) return ts.visitEachChild(node, this.#visit, this.#context);
    const place = this.#place(name);
    const value =
      initial === undefined ? place : ts.factory.createAssignment(place, this.#assignments.value(name, initial));
    return this.#located(ts.factory.createPropertyAssignment(ts.factory.createIdentifier(name.text), value), node);
  }

  /** `f()` is `(0, notebook.f)()`: otherwise the table would be its `this`. */
  #call(node: TS.CallExpression): TS.Node {
    const { ts } = this.checked;
    const callee = this.#callee(node.expression);
    if (callee === undefined) return ts.visitEachChild(node, this.#visit, this.#context);
    const visited = ts.visitEachChild(node, this.#visit, this.#context);
    return visited.questionDotToken === undefined
      ? ts.factory.updateCallExpression(visited, callee, visited.typeArguments, visited.arguments)
      : ts.factory.updateCallChain(
          visited as TS.CallChain,
          callee,
          visited.questionDotToken,
          visited.typeArguments,
          visited.arguments,
        );
  }

  /** `import("…")` is `cell.load("…")`. */
  #import(node: TS.ImportCall): TS.Node {
    const { ts, cell } = this.checked;
    const { factory } = ts;
    const load = factory.createPropertyAccessExpression(factory.createIdentifier(this.#run), "load");
    const specifiers = node.arguments
      .slice(0, 1)
      .map((specifier) => relativeName(ts, cell, this.#visitExpression(specifier)));
    return this.#located(factory.createCallExpression(load, undefined, specifiers), node);
  }

  #tagged(node: TS.TaggedTemplateExpression): TS.Node {
    const { ts } = this.checked;
    const tag = this.#callee(node.tag);
    const visited = ts.visitEachChild(node, this.#visit, this.#context);
    if (tag === undefined) return visited;
    return ts.factory.updateTaggedTemplateExpression(visited, tag, visited.typeArguments, visited.template);
  }

  #callee(expression: TS.Expression): TS.Expression | undefined {
    const { ts } = this.checked;
    const inner = ts.skipOuterExpressions(expression);
    if (!ts.isIdentifier(inner) || !this.#isVariable(inner)) return undefined;
    const pair = ts.factory.createComma(ts.factory.createNumericLiteral(0), this.#place(inner));
    return this.#located(ts.factory.createParenthesizedExpression(pair), expression);
  }

  /** `name = () => …` names the function. */
  #binary(node: TS.BinaryExpression): TS.Node {
    const { ts } = this.checked;
    const visited = ts.visitEachChild(node, this.#visit, this.#context);
    const { left, right, operatorToken } = node;
    if (!ts.isIdentifier(left) || !ts.isAssignmentOperator(operatorToken.kind) || !this.#isVariable(left))
      return visited;
    const named = this.#assignments.named(left.text, right, visited.right);
    return ts.factory.updateBinaryExpression(visited, visited.left, visited.operatorToken, named);
  }

  /** `for (var i = 0; …)` and `for (var x of list)` outside of functions. */
  #loop(node: TS.ForStatement | TS.ForInStatement | TS.ForOfStatement): TS.Node {
    const { ts } = this.checked;
    const list = node.initializer as TS.VariableDeclarationList;
    const visited = ts.visitEachChild(node, (child) => (child === list ? child : this.#visit(child)), this.#context);
    if (ts.isForStatement(visited)) {
      const { condition, incrementor, statement } = visited;
      return ts.factory.updateForStatement(visited, this.#expression(list), condition, incrementor, statement);
    }
    const [declaration] = list.declarations;
    this.facts.vars.push(...boundNames(ts, declaration!.name));
    const target = this.#assignments.target(declaration!.name);
    if (ts.isForInStatement(visited))
      return ts.factory.updateForInStatement(visited, target, visited.expression, visited.statement);
    const { awaitModifier, expression, statement } = visited;
    return ts.factory.updateForOfStatement(visited, awaitModifier, target, expression, statement);
  }

  #hasTopLevelVar(node: TS.ForStatement | TS.ForInStatement | TS.ForOfStatement): boolean {
    const { initializer } = node;
    return (
      initializer !== undefined &&
      this.checked.ts.isVariableDeclarationList(initializer) &&
      this.#isTopLevelVar(initializer)
    );
  }

  /** Declarations of each `var` in a block or loop: the compiler declares those only that are statements of the cell itself. */
  #blockVars(): Record<string, string> {
    const { ts, checker, cell } = this.checked;
    const stated = new Set(
      cell.statements
        .filter((statement) => ts.isVariableStatement(statement))
        .flatMap((statement) => (statement as TS.VariableStatement).declarationList.declarations)
        .flatMap((declaration) => boundNames(ts, declaration.name)),
    );
    const said = [...new Set(this.facts.vars)]
      .filter((name) => !stated.has(name))
      .map((name) => {
        const type = checker.getTypeOfSymbolAtLocation(this.#own.get(name)!, cell);
        const written = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
        return [name, `declare var ${name}: ${written};`] as const;
      });
    return Object.fromEntries(said);
  }

  /** Declarations of `const name = await import("…")`: as text they would have all that is in the module, and nothing could name it. */
  #modules(): Record<string, string> {
    const { ts, cell } = this.checked;
    const said: Record<string, string> = Object.create(null);
    for (const statement of cell.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const { flags, declarations } = statement.declarationList;
      const word = flags & ts.NodeFlags.Const ? "const" : "let";
      for (const { name, type, initializer } of declarations) {
        if (!ts.isIdentifier(name) || type !== undefined || initializer === undefined) continue;
        const written = this.#moduleType(initializer);
        if (written !== undefined) said[name.text] = `declare ${word} ${name.text}: ${written};`;
      }
    }
    return said;
  }

  #moduleType(value: TS.Expression): string | undefined {
    const { ts, checker } = this.checked;
    const inner = ts.skipOuterExpressions(value);
    if (ts.isAwaitExpression(inner)) {
      const promise = this.#moduleType(inner.expression);
      return promise && `Awaited<${promise}>`;
    }
    const [specifier] = ts.isCallExpression(inner) ? inner.arguments : [];
    if (!ts.isImportCall(inner) || specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
    const module = `typeof import(${JSON.stringify(specifier.text)})`;
    const symbol = checker.getSymbolAtLocation(specifier);
    const hasDefault =
      symbol !== undefined && checker.getExportsOfModule(symbol).some(({ name }) => name === "default");
    return `Promise<${hasDefault ? module : `${module} & { default: ${module} }`}>`;
  }

  /** Whether this is a `var` in a block or loop outside of functions. */
  #isTopLevelVar(list: TS.VariableDeclarationList): boolean {
    const { ts } = this.checked;
    if ((list.flags & ts.NodeFlags.BlockScoped) !== 0) return false;
    const [name] = list.declarations.flatMap((declaration) => boundNames(ts, declaration.name, (each) => each));
    const symbol = (name?.parent as { symbol?: TS.Symbol } | undefined)?.symbol;
    return symbol !== undefined && this.#own.get(name!.text) === symbol;
  }

  #isVariable(node: TS.Identifier): boolean {
    if (!this.#own.has(node.text) && !this.#earlier.has(node.text)) return false;
    return this.#isTopLevelSymbol(node, this.checked.checker.getSymbolAtLocation(node));
  }

  #isTopLevelSymbol(node: TS.Identifier, symbol: TS.Symbol | undefined): boolean {
    const { ts, checker } = this.checked;
    if (symbol === undefined) return false;
    const own = this.#own.get(node.text) === symbol;
    if (!own && this.#earlier.get(node.text) !== symbol) return false;
    const aliased = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (aliased.flags & ts.SymbolFlags.ConstEnum) return false; // The compiler writes its numbers.
    if (!own) return true;
    return !this.#outside.has(node.text) && !isWithin(ts, node, symbol);
  }

  #isOutside(symbol: TS.Symbol): boolean {
    const { ts } = this.checked;
    const declarations = symbol.declarations ?? [];
    return (
      (symbol.flags & ts.SymbolFlags.Value) !== 0 &&
      declarations.every((declaration) => isAmbient(ts, declaration) || ts.isInterfaceDeclaration(declaration))
    );
  }

  /** `notebook.name` */
  #place(name: TS.Identifier): TS.Expression {
    const { factory } = this.checked.ts;
    const table = factory.createIdentifier(this.#table);
    return this.#located(factory.createPropertyAccessExpression(table, name.text), name);
  }

  #located<T extends TS.Node>(made: T, original: TS.Node): T {
    const { ts } = this.checked;
    return ts.setTextRange(ts.setOriginalNode(made, original), original);
  }
}

/** A name that occurs nowhere in the cell. */
function unused(name: string, cell: TS.SourceFile): string {
  const { identifiers } = cell as unknown as { identifiers: Map<string, string> };
  let free = name;
  while (identifiers.has(free)) free += "_";
  return free;
}

function isExportOfNames(ts: TypeScript, statement: TS.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined;
}

/** The statement whose value the cell shows. */
function lastExpression(ts: TypeScript, cell: TS.SourceFile): TS.ExpressionStatement | undefined {
  const last = cell.statements.findLast((statement) => !isExportOfNames(ts, statement));
  return last !== undefined && ts.isExpressionStatement(last) ? last : undefined;
}

function boundNames(ts: TypeScript, name: TS.BindingName): string[];
function boundNames<T>(ts: TypeScript, name: TS.BindingName, make: (name: TS.Identifier) => T): T[];
function boundNames(ts: TypeScript, name: TS.BindingName, make: (name: TS.Identifier) => unknown = (n) => n.text) {
  if (ts.isIdentifier(name)) return [make(name)];
  return name.elements.flatMap((element): unknown[] =>
    ts.isOmittedExpression(element) ? [] : boundNames(ts, element.name, make),
  );
}

/** Whether an identifier stands for the value of a variable; otherwise it is a property, a label, or what a declaration declares. */
function isReference(ts: TypeScript, node: TS.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (
    ts.isPropertyAssignment(parent) ||
    ts.isBindingElement(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isEnumMember(parent)
  )
    return parent.initializer === node;
  if (ts.isArrowFunction(parent)) return parent.body === node;
  if (ts.isFunctionLike(parent) || ts.isClassLike(parent) || ts.isModuleDeclaration(parent)) return false;
  if (ts.isEnumDeclaration(parent) || ts.isMetaProperty(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  return !(
    ts.isImportClause(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isImportEqualsDeclaration(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isNamespaceExport(parent)
  );
}

/** Whether a node is part of the class, enum or namespace that declares the symbol: in there its name is its own. */
function isWithin(ts: TypeScript, node: TS.Node, symbol: TS.Symbol): boolean {
  const declarations = (symbol.declarations ?? []).filter(
    (declaration) =>
      ts.isClassLike(declaration) || ts.isEnumDeclaration(declaration) || ts.isModuleDeclaration(declaration),
  );
  return declarations.some((declaration) => node.pos >= declaration.pos && node.end <= declaration.end);
}

function isAmbient(ts: TypeScript, node: TS.Node): boolean {
  if (!ts.isDeclaration(node) && !ts.isVariableStatement(node)) return false;
  return (ts.getCombinedModifierFlags(node as TS.Declaration) & ts.ModifierFlags.Ambient) !== 0;
}
