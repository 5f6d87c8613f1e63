/** JSON Schema as far as configurations of plugins use it, and what a form needs to know of it. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly (string | number)[];
  /** What the members of the enumeration are called in the reader's language. */
  enumNames?: readonly string[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

/** A schema with what it refers to put in; what stands beside the reference wins. */
export function resolved(schema: Schema, root: Schema): Schema {
  if (schema.allOf?.length === 1) {
    const { allOf, ...beside } = schema;
    return { ...resolved(allOf[0]!, root), ...beside };
  }
  if (!schema.$ref) return schema;
  const { $ref, ...beside } = schema;
  const found = root.$defs?.[$ref.split("/").pop()!];
  return found ? { ...resolved(found, root), ...beside } : beside;
}

/** The ways a value may be, without null; more than one where there is a choice. */
export function variants(schema: Schema, root: Schema): Schema[] {
  const all = (schema.anyOf ?? schema.oneOf ?? [schema]).map((one) => resolved(one, root));
  return all.filter((one) => one.type !== "null");
}

export const isNullable = (schema: Schema): boolean => (schema.anyOf ?? []).some((one) => one.type === "null");

/** The schema that a map gives each of its values; null where it is no map. */
export function mapped(schema: Schema): Schema | null {
  if (schema.properties) return null;
  const of = Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties;
  return of && typeof of === "object" ? of : null;
}

/** What a new value begins as. */
export function blank(schema: Schema, root: Schema): unknown {
  const one = resolved(schema, root);
  if (one.default !== undefined) return one.default;
  if (one.const !== undefined) return one.const;
  if (one.enum) return one.enum[0];
  if (isNullable(one)) return null;
  const [first] = variants(one, root);
  if (first && first !== one) return blank(first, root);
  if (one.properties) return Object.fromEntries(Object.entries(one.properties).map(([key, part]) => [key, blank(part, root)]));
  const empties: Record<string, unknown> = { array: [], object: {}, boolean: false, string: "" };
  return empties[one.type ?? ""] ?? null;
}

/** Which of the ways a value is: by its fixed fields, else by its type. */
export function variantOf(value: unknown, ways: readonly Schema[]): number {
  const found = ways.findIndex((way) => fits(value, way));
  return Math.max(found, 0);
}

function fits(value: unknown, way: Schema): boolean {
  if (way.const !== undefined) return value === way.const;
  if (way.enum) return way.enum.includes(value as string);
  if (way.type === "array") return Array.isArray(value);
  if (way.type === "object" || way.properties) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const given = value as Record<string, unknown>;
    const fixed = Object.entries(way.properties ?? {}).filter(([, part]) => part.const !== undefined);
    const isNamed = fixed.every(([key, part]) => given[key] === part.const);
    return isNamed && (fixed.length > 0 || Object.keys(given).every((key) => way.properties?.[key] ?? mapped(way)));
  }
  if (way.type === "integer" || way.type === "number") return typeof value === "number";
  return typeof value === way.type;
}

/** `Yellow From` as one writes a label: `Yellow from`. */
export function labelOf(key: string, schema: Schema): string {
  const title = schema.title ?? key.replaceAll("_", " ");
  return title.charAt(0).toUpperCase() + title.slice(1).replace(/ ([A-Z])(?=[a-z]|$| )/g, (whole) => whole.toLowerCase());
}
