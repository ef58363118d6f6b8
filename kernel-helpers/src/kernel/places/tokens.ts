import type { Node, SourceFile } from "@tslab/typescript-for-tslab";
import { ts } from "../typescript";

/** A token of a program: its text, where it begins, and where it is over. */
export interface Token {
  text: string;
  start: number;
  end: number;
}

/** The tokens of a program in their order, without those that only TypeScript has, as far as they form a tree of their own. */
export function tokensOf(text: string, fileName: string): Token[] {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ESNext, true);
  const tokens: Token[] = [];
  collect(file, file, tokens);
  return tokens;
}

function collect(node: Node, file: SourceFile, tokens: Token[]): void {
  if (isErased(node)) return;
  const imported = importedName(node);
  const children = imported === undefined ? node.getChildren(file) : [];
  for (const child of children) collect(child, file, tokens);
  const start = node.getStart(file);
  if (imported !== undefined) tokens.push({ text: imported, start, end: node.end });
  if (children.length > 0 || imported !== undefined || node.end === start) return;
  const text = file.text.slice(start, node.end);
  // 65_507 is printed as 65507.
  tokens.push({ text: ts.isNumericLiteral(node) ? text.replaceAll("_", "") : text, start, end: node.end });
}

/** The name of an imported function where it is called: the compiler writes `(0, node_fs_1.readFileSync)`. */
function importedName(node: Node): string | undefined {
  if (!ts.isParenthesizedExpression(node) || !ts.isBinaryExpression(node.expression)) return undefined;
  const { left, operatorToken, right } = node.expression;
  const isCallee = operatorToken.kind === ts.SyntaxKind.CommaToken && ts.isNumericLiteral(left) && left.text === "0";
  return isCallee && ts.isPropertyAccessExpression(right) ? right.name.text : undefined;
}

/** Whether the compiler leaves nothing of it. What it keeps a part of, and single tokens such as `readonly`, stay. */
function isErased(node: Node): boolean {
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  // `extends Base<Text>`: the compiler counts this one among the types.
  if (ts.isExpressionWithTypeArguments(node)) return false;
  if (ts.isTypeNode(node) || ts.isTypeParameterDeclaration(node) || ts.isJSDoc(node)) return true;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node))
    return node.body === undefined;
  if (ts.isImportDeclaration(node)) return node.importClause?.isTypeOnly === true;
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(isDeclare);
}

function isDeclare({ kind }: Node): boolean {
  return kind === ts.SyntaxKind.DeclareKeyword;
}
