import { assertEquals } from "../deps/assert.ts";
import { didYouMean } from "./did_you_mean.ts";

Deno.test("didYouMean suggests a near word and keeps quiet about a far one", () => {
  const known = ["name", "class", "working_directory"];
  assertEquals(didYouMean("workingdirectory", known), 'did you mean "working_directory"?');
  assertEquals(didYouMean("CLASS", known), 'did you mean "class"?');
  assertEquals(didYouMean("cwd", known), undefined);
  assertEquals(didYouMean("", known), undefined);
  assertEquals(didYouMean("name", []), undefined);
  assertEquals(didYouMean("x".repeat(100_000), known), undefined);
});
