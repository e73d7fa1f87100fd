/**
 * Fails on a public symbol without documentation. `deno doc --lint` also wants each public type's own types exported by
 * the same module, which types inferred from zod schemas cannot be: that one complaint is left out, as are those
 * about other people's packages.
 *
 * ```sh
 * deno task docs
 * ```
 *
 * @module
 */

const modules = [
  "mod.ts",
  "cli.ts",
  "lib/task/mod.ts",
  "lib/io/mod.ts",
  "lib/tmux/mod.ts",
  "lib/agents/mod.ts",
  "lib/fleet/mod.ts",
  "lib/provision/mod.ts",
  "lib/state/mod.ts",
  "lib/http/mod.ts",
  "lib/ci/mod.ts",
  "lib/forge/mod.ts",
];
const root = new URL("../", import.meta.url);
const { stderr, success } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...modules],
  cwd: root,
  env: { NO_COLOR: "1" },
  stdout: "null",
  stderr: "piped",
}).output();
const complaints = new TextDecoder().decode(stderr).split(/\n(?=error\[)/).filter((part) => part.startsWith("error["));
const serious = complaints.filter((part) =>
  !part.startsWith("error[private-type-ref]") && part.includes(root.pathname)
);
if (!success && complaints.length === 0) throw new Error(new TextDecoder().decode(stderr));
if (serious.length > 0) {
  await Deno.stderr.write(new TextEncoder().encode(`${serious.join("\n")}\n`));
  Deno.exit(1);
}
