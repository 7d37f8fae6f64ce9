/**
 * Checks for the shape of a parsed JSON value, from which its type is derived.
 *
 * Not a schema library: a journal may have 100,000 lines, and every start reads one.
 *
 * @module
 */

/** Tells whether a value is a `T`. */
export type Check<T> = (value: unknown) => value is T;

/** The type that a check accepts. */
export type Checked<C> = C extends Check<infer T> ? T : never;

/** A check for each field of an object. Further fields are allowed. */
export type Shape = Readonly<Record<string, Check<unknown>>>;

/** The type of an object of that shape. */
export type Shaped<S extends Shape> = Flat<
  & { readonly [Field in Exclude<keyof S, OptionalFields<S>>]: Checked<S[Field]> }
  & { readonly [Field in OptionalFields<S>]?: Checked<S[Field]> }
>;

type OptionalFields<S extends Shape> = {
  [Field in keyof S]: S[Field] extends { readonly isOptional: true } ? Field : never;
}[keyof S];

/** An intersection as one object type. */
export type Flat<T> = { readonly [Field in keyof T]: T[Field] };

/** Any text. */
export const text: Check<string> = (value: unknown): value is string => typeof value === "string";

/** A finite number: `1e999` is JSON, too. */
export const number: Check<number> = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

/** True or false. */
export const flag: Check<boolean> = (value: unknown): value is boolean => typeof value === "boolean";

/** A field that may be absent, and that a writer may leave out. */
export function optional<T>(check: Check<T>): Check<T | undefined> & { readonly isOptional: true } {
  return Object.assign(orUndefined(check), { isOptional: true as const });
}

/** A field that may be absent, but that a writer must think of. */
export function orUndefined<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

/** A list of such values. */
export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
}

/** One of these names. */
export function oneOf<const Name extends string>(names: readonly Name[]): Check<Name> {
  const known: ReadonlySet<unknown> = new Set(names);
  return (value): value is Name => known.has(value);
}

/** An object of this shape. */
export function record<S extends Shape>(shape: S): Check<Shaped<S>> {
  // Listed once, and without a closure for each value: reading a journal is the most that a start does.
  const fields = Object.entries<Check<unknown>>(shape).map(([name, check]) => ({ name, check }));
  return (value): value is Shaped<S> => {
    if (!isObject(value)) return false;
    for (const { name, check } of fields) if (!check(value[name])) return false;
    return true;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The type of a value with one of several shapes. */
export type Variant<Tag extends string, S extends Readonly<Record<string, Shape>>> = {
  [Name in keyof S]: Flat<{ readonly [Field in Tag]: Name } & Shaped<S[Name]>>;
}[keyof S];

/** One of several shapes, told apart by the text in the field `tag`. */
export function variant<const Tag extends string, S extends Readonly<Record<string, Shape>>>(
  tag: Tag,
  shapes: S,
): Check<Variant<Tag, S>> {
  const checks = new Map<unknown, Check<unknown>>(
    Object.entries<Shape>(shapes).map(([name, shape]) => [name, record(shape)]),
  );
  return (value): value is Variant<Tag, S> => isObject(value) && (checks.get(value[tag])?.(value) ?? false);
}
