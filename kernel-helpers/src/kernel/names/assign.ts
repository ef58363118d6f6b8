import type * as TS from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript";

/** Makes the place where the value of a top-level name is kept. */
export type Place = (name: TS.Identifier) => TS.Expression;
export type Visit = (expression: TS.Expression) => TS.Expression;

/**
 * Makes assignments of declarations: `const { port: p = 1, ...rest } = config` becomes `({ port: place.p = 1, ...place.rest } = config)`.
 */
export class Assignments {
  constructor(
    readonly ts: TypeScript,
    readonly place: Place,
    readonly visit: Visit,
  ) {}

  /** The assignment of a declaration; undefined for `var name;`, which gives no value. */
  of(declaration: TS.VariableDeclaration): TS.Expression | undefined {
    const { ts } = this;
    const { name, initializer } = declaration;
    const isVar = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === 0;
    if (initializer === undefined && isVar) return undefined;
    const value = initializer === undefined ? ts.factory.createVoidZero() : this.value(name, initializer);
    return this.#located(ts.factory.createAssignment(this.target(name), value), declaration);
  }

  /** What stands left of the `=`. */
  target(name: TS.BindingName): TS.Expression {
    const { ts } = this;
    if (ts.isIdentifier(name)) return this.place(name);
    if (ts.isObjectBindingPattern(name))
      return ts.factory.createObjectLiteralExpression(name.elements.map((element) => this.#property(element)));
    return ts.factory.createArrayLiteralExpression(name.elements.map((element) => this.#element(element)));
  }

  /** A value that goes to a name: a function or class without a name of its own gets this one, as in any declaration. */
  value(name: TS.Node, value: TS.Expression): TS.Expression {
    const visited = this.visit(value);
    return this.ts.isIdentifier(name) ? this.named(name.text, value, visited) : visited;
  }

  /** JavaScript names functions after a variable, and not after a property: `({ ["name"]: () => … })["name"]` does it. */
  named(name: string, original: TS.Expression, visited: TS.Expression): TS.Expression {
    const { factory } = this.ts;
    if (!this.#isAnonymous(original)) return visited;
    const key = () => factory.createStringLiteral(name);
    const property = factory.createPropertyAssignment(factory.createComputedPropertyName(key()), visited);
    const object = factory.createParenthesizedExpression(factory.createObjectLiteralExpression([property]));
    return factory.createElementAccessExpression(object, key());
  }

  #property(element: TS.BindingElement): TS.ObjectLiteralElementLike {
    const { factory } = this.ts;
    if (element.dotDotDotToken !== undefined) return factory.createSpreadAssignment(this.target(element.name));
    const key = element.propertyName ?? factory.createIdentifier((element.name as TS.Identifier).text);
    return factory.createPropertyAssignment(this.#key(key), this.#withDefault(element));
  }

  #key(key: TS.PropertyName): TS.PropertyName {
    const { ts } = this;
    return ts.isComputedPropertyName(key)
      ? ts.factory.updateComputedPropertyName(key, this.visit(key.expression))
      : key;
  }

  #element(element: TS.ArrayBindingElement): TS.Expression {
    const { ts } = this;
    if (ts.isOmittedExpression(element)) return element;
    return element.dotDotDotToken === undefined
      ? this.#withDefault(element)
      : ts.factory.createSpreadElement(this.target(element.name));
  }

  #withDefault({ name, initializer }: TS.BindingElement): TS.Expression {
    const target = this.target(name);
    return initializer === undefined ? target : this.ts.factory.createAssignment(target, this.value(name, initializer));
  }

  #isAnonymous(value: TS.Expression): boolean {
    const { ts } = this;
    const inner = ts.skipOuterExpressions(value);
    return (
      ts.isArrowFunction(inner) ||
      ((ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && inner.name === undefined)
    );
  }

  #located<T extends TS.Node>(made: T, original: TS.Node): T {
    return this.ts.setTextRange(this.ts.setOriginalNode(made, original), original);
  }
}
