/**
 * Builds the CLI as one binary, with its permissions baked in: `deno task compile [--target TRIPLE] [--output FILE]`.
 *
 * The base binary of a target comes from Deno's servers; where they cannot be reached this says so and exits 6, and
 * `deno task bundle` carries the CLI instead. A binary for this host is run before it is called one.
 *
 * @module
 */

import { permissionWords, unitePermissions } from "../lib/task/permissions.ts";
import { version } from "../lib/task/version.ts";
import { findTasks } from "./generate.ts";

const root = new URL("../", import.meta.url).pathname;

/** Ends with one line, a hint, and a status. */
function fail(message: string, hint: string, status: number): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`muster: ${message}\nhint: ${hint}\n`));
  Deno.exit(status);
}

/** The value of a flag of this script. */
function flagValue(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1] ?? fail(`missing value: ${name}`, `deno task compile ${name} VALUE`, 2);
}

async function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd: root, env }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const known = ["--target", "--output"];
for (const [at, word] of Deno.args.entries()) {
  if (at % 2 === 0 && !known.includes(word)) fail(`unknown flag: ${word}`, `one of ${known.join(", ")}`, 2);
}
const target = flagValue("--target");
const output = flagValue("--output") ?? `${root}dist/muster${target ? `-${target}` : ""}`;
// A path in a permission is fixed when the binary is built, and the homes of those who run it are not known then.
const permissions = unitePermissions((await findTasks()).map(({ task }) => task.permissions));
const words = permissionWords({ ...permissions, read: undefined, write: undefined });
await Deno.mkdir(output.slice(0, output.lastIndexOf("/")) || ".", { recursive: true });
const checked = await run(Deno.execPath(), ["check", "mod.ts"]);
if (checked.code !== 0) fail("the CLI does not type-check", "deno task check shows why", 1);
const args = ["compile", ...words, "--allow-read", "--allow-write", ...(target ? ["--target", target] : [])];
const built = await run(Deno.execPath(), [...args, "--output", output, "mod.ts"], { NO_COLOR: "1" });
if (built.code !== 0) {
  // Deno numbers the causes of an error; the last one is what really failed.
  const causes = built.stderr.split("\n").filter((line) => /^error: |^\s+\d+: (?!<unknown>)/.test(line));
  const reason = causes.at(-1)?.replace(/^error: |^\s+\d+: /, "") ?? "deno compile failed";
  const isBase = /denort|dl\.deno\.land|client error|dns error|Failed downloading|error sending request/i.test(
    built.stderr,
  );
  if (!isBase) fail(`cannot compile: ${reason}`, "deno compile prints the rest", 1);
  fail(`cannot fetch the base binary of deno compile: ${reason}`, "deno task bundle makes one file that deno runs", 6);
}
if (!target) {
  const said = await run(output, ["--version"]);
  if (said.stdout !== `muster ${version}\n`) {
    await Deno.remove(output);
    fail(`the binary is not muster: it says ${JSON.stringify(said.stdout)}`, "is DENORT_BIN set to deno itself?", 6);
  }
}
Deno.stdout.writeSync(new TextEncoder().encode(`${output}\n`));
