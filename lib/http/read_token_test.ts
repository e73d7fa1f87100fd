import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError, realIo, withEnvironment } from "../io/mod.ts";
import { readToken } from "./read_token.ts";

const io = withEnvironment(realIo, {
  GOOD: " s3cret\n",
  EMPTY: " ",
  SPLIT: "s3cret word",
  LONG: "s3cret".repeat(1_000),
});
const sh = (script: string) => ({ tokenCommand: ["sh", "-c", script] });

Deno.test("a token is read from a variable or a program, without what is around it", async () => {
  assertEquals(await readToken(io, { tokenEnv: "GOOD" }, "git.example.org"), "s3cret");
  assertEquals(await readToken(io, sh("echo s3cret"), "git.example.org"), "s3cret");
  assertEquals(
    await readToken(io, { tokenCommand: ["printf", "%s", "$(x) 'y'".replaceAll(" ", "_")] }, "x"),
    "$(x)_'y'",
  );
  assertEquals(await readToken(io, {}, "git.example.org"), undefined);
});

Deno.test("a token that is not there, or none, is told without a letter of it", async () => {
  const cases = [
    [{ tokenEnv: "MUSTER_NONE" }, "config", "no token for git.example.org: MUSTER_NONE is not set"],
    [{ tokenEnv: "EMPTY" }, "config", "no token for git.example.org: EMPTY is not set"],
    [{ tokenEnv: "SPLIT" }, "config", "not a token: variable SPLIT: expected one word of ASCII"],
    [{ tokenEnv: "LONG" }, "config", "not a token: variable LONG: expected one word of ASCII"],
    [sh("echo s3cret; exit 3"), "failed", "no token for git.example.org: token_command failed with status 3: sh"],
    [sh(":"), "failed", "no token for git.example.org: token_command printed nothing: sh"],
    [sh("printf 's3cret\\nmore'"), "config", "not a token: token_command sh: expected one word of ASCII"],
    [
      { tokenCommand: ["muster-no-such"] },
      "failed",
      "no token for git.example.org: token_command failed with status 127: muster-no-such",
    ],
  ] as const;
  for (const [source, code, message] of cases) {
    const error = await assertRejects(() => readToken(io, source, "git.example.org"), MusterError);
    assertEquals([error.code, error.message], [code, message]);
    assertEquals(JSON.stringify([error.message, error.hint, error.stack]).includes("s3cret"), false);
  }
});

Deno.test("a program that hangs is ended at its deadline", async () => {
  const hang = { tokenCommand: ["sh", "-c", "while :; do sleep 0.01; done"] };
  const error = await assertRejects(() => readToken(io, hang, "x", { timeoutMs: 200 }), MusterError);
  assertEquals([error.code, error.message], ["timeout", "token_command did not end within 200 ms: sh"]);
});
