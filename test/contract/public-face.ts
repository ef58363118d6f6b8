import { createRequire } from "node:module";
import { fileOf, isOurs, isPublic, type Program, resolverOf, type Type } from "./program.js";
import { ts } from "./source.js";

type Symbol = import("@tslab/typescript-for-tslab").Symbol;
type Signature = import("@tslab/typescript-for-tslab").Signature;
type Tag = import("@tslab/typescript-for-tslab").JSDocTagInfo;
type Part = import("@tslab/typescript-for-tslab").SymbolDisplayPart;

/** A parameter of a function, as its type has it. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  /** It can be left out. */
  readonly optional: boolean;
  /** The names of the fields when it is an object with fields that can be left out: `timeout`, `signal`. */
  readonly options: readonly string[];
}

/**
 * Something that a learner can point at: an exported name, or a member of one ("Handle.accept"), or a field of an object that one takes or
 * gives ("calls.accept.address").
 */
export interface Named {
  readonly name: string;
  /** A type is named by what it is; a value has a meaning; of a field or a function more is asked. */
  readonly kind: "namespace" | "type" | "constant" | "field" | "function";
  /** The type of a constant or field, and of what a function returns. */
  readonly type: string;
  readonly parameters: readonly Parameter[];
  /** The text before the tags. */
  readonly text: string;
  /** The text of each tag: "param flags" → "0 (the default), …". */
  readonly tags: ReadonlyMap<string, string>;
  /** All that Shift-Tab shows under tslab. */
  readonly shown: string;
}

const { printQuickInfo } = createRequire(import.meta.url)("tslab/dist/inspect.js") as {
  printQuickInfo(info: object): string;
};

/**
 * Everything that the package exports, and all that is in it, found by walking the types: overloads, members, what a class has from another
 * one, the fields of objects without a name. A name that only `@internal` code has is not there: the declarations do not hold it.
 */
export function publicFace(program: Program): Named[] {
  const checker = program.getTypeChecker();
  const index = fileOf(program);
  const resolve = resolverOf(checker);
  const found: Named[] = [];
  const names = checker.getExportsOfModule(checker.getSymbolAtLocation(index)!);
  const faces = new Set<Symbol>(names.map(resolve));
  const looked = new Set<Symbol>();
  const typeOf = (symbol: Symbol): Type => checker.getTypeOfSymbolAtLocation(symbol, index);

  const exported = (name: string, alias: Symbol): void => {
    const symbol = resolve(alias);
    if ((symbol.flags & ts.SymbolFlags.ValueModule) !== 0) {
      add(name, "namespace", symbol, "");
      for (const inner of checker.getExportsOfModule(symbol)) exported(`${name}.${inner.name}`, inner);
    } else if ((symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) !== 0) {
      add(name, "type", symbol, "");
      if ((symbol.flags & ts.SymbolFlags.Class) !== 0) constructors(name, symbol);
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      if ((symbol.flags & ts.SymbolFlags.TypeAlias) !== 0) fields(name, type);
      else members(name, type);
    } else value(name, symbol, "constant");
  };

  /** A function, an object with members, or what has a value and no more. */
  const value = (name: string, symbol: Symbol, kind: "constant" | "field"): void => {
    const type = checker.getNonNullableType(typeOf(symbol));
    const signatures = type.getCallSignatures();
    for (const signature of signatures) callable(name, signature, signatures.length === 1 ? symbol : undefined);
    if (signatures.length > 0) return;
    add(name, kind, symbol, checker.typeToString(type));
    fields(name, type);
  };

  const constructors = (name: string, symbol: Symbol): void => {
    for (const signature of typeOf(symbol).getConstructSignatures()) {
      const { declaration } = signature as { declaration?: import("@tslab/typescript-for-tslab").Declaration };
      const own = declaration !== undefined && ts.isConstructorDeclaration(declaration) && isOurs(declaration);
      if (own && declaration.parent === symbol.valueDeclaration) callable(`${name}.constructor`, signature, undefined);
    }
  };

  /** The fields of every object that a type is made of and that is looked at nowhere else: one without a name, or whose name is not exported. */
  const fields = (name: string, type: Type): void => {
    for (const part of objectsIn(type)) {
      const { symbol } = part;
      if (symbol === undefined || faces.has(symbol) || looked.has(symbol)) continue;
      looked.add(symbol);
      members(name, part);
    }
  };

  const members = (name: string, type: Type): void => {
    for (const member of type.getProperties()) {
      const ours = member.declarations?.some(isOurs) && isPublic(member);
      if (ours && !isCarrier(member)) value(`${name}.${plain(member.name)}`, member, "field");
    }
  };

  const callable = (name: string, signature: Signature, symbol: Symbol | undefined): void => {
    const own = signature.getDocumentationComment(checker);
    const ownTags = signature.getJsDocTags();
    const parameters = signature.getParameters().flatMap((parameter) => parametersOf(parameter));
    const returned = signature.getReturnType();
    note({
      name,
      kind: "function",
      type: checker.typeToString(returned),
      parameters,
      documentation: own.length > 0 ? own : (symbol?.getDocumentationComment(checker) ?? []),
      tags: ownTags.length > 0 ? ownTags : (symbol?.getJsDocTags(checker) ?? []),
    });
    for (const parameter of signature.getParameters()) fields(`${name}.${parameter.name}`, typeOf(parameter));
    fields(name, returned);
  };

  /** One parameter, or those of `...args: [address: string, port?: number]`, which is how a type made from another has them. */
  const parametersOf = (parameter: Symbol): Parameter[] => {
    const type = typeOf(parameter);
    const tuple = type as unknown as {
      target?: {
        labeledElementDeclarations?: import("@tslab/typescript-for-tslab").ParameterDeclaration[];
        elementFlags?: number[];
      };
    };
    const labels = tuple.target?.labeledElementDeclarations;
    if (labels !== undefined) {
      const types = checker.getTypeArguments(type as import("@tslab/typescript-for-tslab").TypeReference);
      return labels.map((label, at) =>
        parameterOf(label.name.getText(), types[at]!, tuple.target?.elementFlags?.[at] !== ts.ElementFlags.Required),
      );
    }
    const { valueDeclaration } = parameter;
    const mayLack = valueDeclaration !== undefined && ts.isParameter(valueDeclaration);
    return [parameterOf(parameter.name, type, mayLack && valueDeclaration.questionToken !== undefined)];
  };

  const parameterOf = (name: string, given: Type, optional: boolean): Parameter => {
    const type = checker.getNonNullableType(given);
    const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 && !type.isClass();
    const properties = isObject ? type.getProperties().filter((one) => one.declarations?.some(isOurs)) : [];
    const some = properties.some((one) => (one.flags & ts.SymbolFlags.Optional) !== 0 && !isCarrier(one));
    return {
      name,
      type: checker.typeToString(type),
      optional,
      options: some && type.symbol?.name !== "SocketOption" ? properties.map((one) => one.name) : [],
    };
  };

  const objectsIn = (type: Type, depth = 0): Type[] => {
    if (depth > 4) return [];
    if (type.isUnionOrIntersection()) return type.types.flatMap((part) => objectsIn(part, depth + 1));
    if ((type.flags & ts.TypeFlags.Object) === 0) return [];
    const holds = type.symbol?.name;
    if (holds === "Promise" || holds === "Array" || holds === "ReadonlyArray") {
      const inner = checker.getTypeArguments(type as import("@tslab/typescript-for-tslab").TypeReference);
      return inner.flatMap((part) => objectsIn(part, depth + 1));
    }
    return [type];
  };

  const add = (name: string, kind: Named["kind"], symbol: Symbol, type: string): void =>
    note({
      name,
      kind,
      type,
      parameters: [],
      documentation: symbol.getDocumentationComment(checker),
      tags: symbol.getJsDocTags(checker),
    });

  const note = ({
    documentation,
    tags,
    ...named
  }: Omit<Named, "text" | "tags" | "shown"> & { documentation: Part[]; tags: Tag[] }): void => {
    found.push({
      ...named,
      text: ts.displayPartsToString(documentation).trim(),
      tags: new Map(tags.map(tagText)),
      shown: printQuickInfo({ displayParts: [{ text: named.name }], documentation, tags }),
    });
  };

  for (const symbol of names) exported(symbol.name, symbol);
  return found;
}

/** "param flags" → its words; "throws" → its words. */
function tagText({ name, text }: Tag): [string, string] {
  const said = ts.displayPartsToString(text);
  if (name !== "param") return [name, said];
  const [parameter = "", ...words] = said.split(" ");
  return [`param ${parameter}`, words.join(" ")];
}

/** A field that is never there: it carries a type only. */
const isCarrier = (member: Symbol): boolean => member.name.startsWith("__@VALUE");

/** "__@asyncIterator@123" → "[asyncIterator]". */
const plain = (name: string): string => name.replace(/^__@(\w+)@\d+$/, "[$1]").replace(/^__@(\w+)$/, "[$1]");
