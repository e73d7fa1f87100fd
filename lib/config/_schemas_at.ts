/** What a schema says of one key of a file. */
import type { z } from "../deps/zod.ts";

/** The schemas that hold for the value at a path, without wrappers such as defaults; several where one is a union. */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodTypes[] {
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "catch":
    case "readonly":
      return schemasAt(def.innerType, path);
    case "pipe":
      return schemasAt(def.in, path);
    case "union":
      return def.options.flatMap((option) => schemasAt(option, path));
  }
  const [part, ...rest] = path;
  if (part === undefined) return [known];
  switch (def.type) {
    case "object": {
      const child = typeof part === "string" && Object.hasOwn(def.shape, part) ? def.shape[part] : undefined;
      return child === undefined ? [] : schemasAt(child, rest);
    }
    case "array":
      return schemasAt(def.element, rest);
    case "record":
      return schemasAt(def.valueType, rest);
    default:
      return [];
  }
}

/** The keys that a schema declares for the table at a path; none where it declares no table there. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap(({ _zod: { def } }) => def.type === "object" ? Object.keys(def.shape) : []);
}
