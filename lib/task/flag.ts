import { z } from "../deps/zod.ts";
import type { Completer, FlagRow } from "./flag_row.ts";
import { kebabCase } from "./kebab_case.ts";

/** What a flag needs beyond its schema. */
export interface FlagExtras {
  /** The short letter, such as `t`. */
  readonly short?: string;
  /** What stands for the value in help, such as `TARGET`. */
  readonly placeholder?: string;
  /** Given without a flag's name, in order; an array takes all that is left. @default {false} */
  readonly positional?: boolean;
  /** What the shell offers for the value, where it may read it. */
  readonly complete?: Completer;
}

const extras = z.registry<FlagExtras>();

/** Adds what a flag needs beyond its schema. */
export function flag<Schema extends z.ZodType>(schema: Schema, more: FlagExtras): Schema {
  extras.add(schema, more);
  return schema;
}

interface Property {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: Property;
  readonly default?: unknown;
  readonly description?: string;
}

/** The flags of an input schema, in the order of its keys. */
export function flagRows(input: z.ZodObject): FlagRow[] {
  const schema = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as {
    readonly properties?: Record<string, Property>;
    readonly required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const more = extras.get(input.shape[key] as z.ZodType) ?? {};
    const of = property.items ?? property;
    const byDefault = property.default;
    return {
      key,
      long: kebabCase(key),
      kind: kindOf(of),
      summary: property.description ?? "",
      ...more,
      ...(of.enum ? { values: of.enum } : {}),
      ...(byDefault === undefined || byDefault === false || Array.isArray(byDefault)
        ? {}
        : { default: String(byDefault) }),
      ...(property.items ? { many: true } : {}),
      ...(schema.required?.includes(key) ? { required: true } : {}),
    };
  });
}

function kindOf(property: Property): FlagRow["kind"] {
  if (property.format === "duration") return "duration";
  if (property.enum) return "choice";
  if (property.type === "boolean") return "boolean";
  return property.type === "number" || property.type === "integer" ? "number" : "text";
}
