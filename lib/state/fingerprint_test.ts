import { assertEquals, assertNotEquals } from "../deps/assert.ts";
import { digestText, frame } from "./digest.ts";
import { changedInputs, fingerprint, type Inputs } from "./fingerprint.ts";

Deno.test("frame keeps every two lists of parts apart", () => {
  const lists = [[], [""], ["", ""], ["a"], ["a", ""], ["", "a"], ["ab"], ["a", "b"], ["1:a"], ["a1:b"], ["é"], [
    "e\u0301",
  ]];
  assertEquals(new Set(lists.map(frame)).size, lists.length);
  assertEquals(frame(["é", "😀"]), "1:é2:😀");
});

Deno.test("a fingerprint tells names from digests, and one input from two", async () => {
  const sets: readonly Inputs[] = [
    {},
    { a: "value:1" },
    { a: "value:12" },
    { "a7:value:1": "2" },
    { a: "value:1", b: "value:2" },
    { a: "value:2", b: "value:1" },
    { a: "missing" },
    { a: "" },
  ];
  const digests = await Promise.all(sets.map(async (inputs) => (await fingerprint(inputs)).digest));
  assertEquals(new Set(digests).size, sets.length);
});

Deno.test("a fingerprint has the same digest on every machine", async () => {
  const { digest } = await fingerprint({ b: "missing", a: "value:1" });
  assertEquals(digest, await digestText("1:a7:value:11:b7:missing"));
});

Deno.test("changedInputs knows no input by the name of a method", () => {
  assertEquals(changedInputs({}, { constructor: "missing" }), [{
    input: "constructor",
    before: null,
    after: "missing",
  }]);
  assertEquals(changedInputs({ a: "x" }, { a: "x" }), []);
  assertNotEquals(changedInputs({ a: "x" }, {}), []);
});
