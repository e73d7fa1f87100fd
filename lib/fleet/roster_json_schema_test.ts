import { assertEquals } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { rosterJsonSchema } from "./roster_json_schema.ts";

const node = z.looseObject({
  description: z.string().optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get items() {
    return node.optional();
  },
  additionalProperties: z.unknown().optional(),
  required: z.array(z.string()).optional(),
});
type Node = z.output<typeof node>;

function undescribed(at: Node, path: string): string[] {
  return Object.entries(at.properties ?? {}).flatMap(([name, child]) => [
    ...(child.description === undefined ? [`${path}${name}`] : []),
    ...undescribed(child, `${path}${name}.`),
    ...(child.items === undefined ? [] : undescribed(child.items, `${path}${name}[].`)),
  ]);
}

Deno.test("the JSON Schema describes every key and allows no other", () => {
  const schema = rosterJsonSchema();
  assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assertEquals(schema.description, "The declared fleet of muster: $MUSTER_HOME/fleet/roster.toml.");
  const root = node.parse(schema);
  assertEquals(root.required, ["version"]);
  assertEquals(root.additionalProperties, false);
  assertEquals(undescribed(root, ""), []);
  const runtime = node.parse(root.properties?.runtimes?.additionalProperties);
  assertEquals(undescribed(runtime, ""), []);
  assertEquals(runtime.required, ["kind"]);
  const agent = root.properties?.agents?.items;
  assertEquals(agent?.required, ["name"]);
  assertEquals(
    Object.keys(root.properties?.defaults?.properties ?? {}),
    Object.keys(agent?.properties ?? {}).filter((key) => key !== "name"),
  );
});

Deno.test("the JSON Schema is plain JSON", () => {
  const schema = rosterJsonSchema();
  assertEquals(JSON.parse(JSON.stringify(schema)), schema);
});
