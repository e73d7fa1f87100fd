import { assertEquals } from "../deps/assert.ts";
import { kebabCase } from "./kebab_case.ts";

Deno.test("kebabCase writes a key as its flag", () => {
  const cases = [["all", "all"], ["dryRun", "dry-run"], ["aBC", "a-b-c"], ["Dry", "Dry"], ["a1B", "a1-b"], ["", ""]];
  for (const [key, name] of cases) assertEquals(kebabCase(key as string), name);
});
