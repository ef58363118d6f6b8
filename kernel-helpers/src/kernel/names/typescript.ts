import type * as TS from "@tslab/typescript-for-tslab";

/** Functions that TypeScript has and does not declare. */
interface Undeclared {
  /** Without brackets around it, and without `as`, `!` and `satisfies`. */
  skipOuterExpressions(node: TS.Expression): TS.Expression;
  isPrologueDirective(node: TS.Node): boolean;
  isAssignmentOperator(kind: TS.SyntaxKind): boolean;
  isImportCall(node: TS.Node): node is TS.ImportCall;
  isDeclaration(node: TS.Node): node is TS.Declaration;
}

/** The TypeScript of tslab's converter: everything here gets it as an argument, wherever it was loaded from. */
export type TypeScript = typeof TS & Undeclared;
