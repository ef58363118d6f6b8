import type * as TS from "@tslab/typescript-for-tslab";

/** Functions that TypeScript has and does not declare. */
interface Undeclared {
  /** Without brackets around it, and without `as`, `!` and `satisfies`. */
  skipOuterExpressions(node: TS.Expression): TS.Expression;
  isPrologueDirective(node: TS.Node): boolean;
  isAssignmentOperator(kind: TS.SyntaxKind): boolean;
  isImportCall(node: TS.Node): node is TS.ImportCall;
  isDeclaration(node: TS.Node): node is TS.Declaration;
  /** Finds out which names a file has: after it they are in its `locals`. */
  bindSourceFile(file: TS.SourceFile, options: TS.CompilerOptions): void;
  /** Makes CommonJS of a module. */
  transformModule(context: TS.TransformationContext): TS.Transformer<TS.SourceFile>;
}

/** The TypeScript of tslab's converter: everything here gets it as an argument, wherever it was loaded from. */
export type TypeScript = typeof TS & Undeclared;
