/**
 * What the rules ask of a syntax tree: where modules are imported, which globals are named, and how a chain of
 * properties reads.
 *
 * @module
 */

/** One place where a module is named. */
export interface ImportSite {
  readonly node: Deno.lint.Node;
  /** `undefined` where the name is computed and cannot be known. */
  readonly specifier: string | undefined;
  /** `type` leaves nothing in the running program; `dynamic` is loaded only when it is reached. */
  readonly kind: "value" | "type" | "dynamic";
}

/** Visits static imports, re-exports, dynamic imports and import types. */
export function visitImports(visit: (site: ImportSite) => void): Deno.lint.LintVisitor {
  return {
    ImportDeclaration: (node) =>
      visit({ node, specifier: node.source.value, kind: node.importKind === "type" ? "type" : "value" }),
    ExportAllDeclaration: (node) =>
      visit({ node, specifier: node.source.value, kind: node.exportKind === "type" ? "type" : "value" }),
    ExportNamedDeclaration: (node) => {
      if (node.source === null) return;
      visit({ node, specifier: node.source.value, kind: node.exportKind === "type" ? "type" : "value" });
    },
    ImportExpression: (node) => visit({ node, specifier: textOf(node.source), kind: "dynamic" }),
    TSImportType: (node) => visit({ node, specifier: textOf(node.argument), kind: "type" }),
  };
}

/** The text of a literal; `undefined` where it is computed. */
function textOf(node: Deno.lint.Node): string | undefined {
  if (node.type === "TSLiteralType") return textOf(node.literal);
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.cooked;
  return undefined;
}

/**
 * Tells whether an identifier stands for a value, and is not just the name of a property.
 * A local variable that hides a global counts as well: it would deceive the reader.
 */
export function isReference(node: Deno.lint.Identifier): boolean {
  const parent: Deno.lint.Node = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "PropertyDefinition":
      return parent.computed || parent.value === node;
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSEnumMember":
    case "LabeledStatement":
    case "ImportSpecifier":
    case "ExportSpecifier":
      return false;
    default:
      return true;
  }
}

/**
 * Reads `Deno.env`, `Deno["env"]`, `globalThis.Deno.env` and `import.meta.url` as dotted text.
 *
 * @returns `undefined` where part of the chain is computed or is no plain name.
 */
export function chainOf(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "MetaProperty") return `${node.meta.name}.${node.property.name}`;
  if (node.type === "ChainExpression") return chainOf(node.expression);
  if (node.type !== "MemberExpression") return undefined;
  const object = chainOf(node.object);
  const property = node.computed ? textOf(node.property) : chainOf(node.property);
  if (object === undefined || property === undefined) return undefined;
  return GLOBAL_OBJECTS.has(object) ? property : `${object}.${property}`;
}

/** The names under which the global object goes. */
const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "self", "window"]);

/** The chains that a destructuring such as `const { env, args } = Deno` reads: `Deno.env`, `Deno.args`. */
export function destructuredChains(node: Deno.lint.VariableDeclarator): readonly string[] {
  const source = node.init === null ? undefined : chainOf(node.init);
  if (source === undefined || node.id.type !== "ObjectPattern") return [];
  return node.id.properties.flatMap((property) => {
    const name = property.type === "Property" ? chainOf(property.key) : undefined;
    if (name === undefined) return [];
    return [GLOBAL_OBJECTS.has(source) ? name : `${source}.${name}`];
  });
}
