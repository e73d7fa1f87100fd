/**
 * Bundles the CLI to one file, which any Deno runs without a registry: `deno task bundle [--output FILE]`.
 *
 * ```sh
 * deno task bundle && deno run --allow-all dist/muster.js --help
 * ```
 *
 * @module
 */

const root = new URL("../", import.meta.url).pathname;
const at = Deno.args.indexOf("--output");
const output = at < 0 ? `${root}dist/muster.js` : Deno.args[at + 1] ?? `${root}dist/muster.js`;
await Deno.mkdir(output.slice(0, output.lastIndexOf("/")) || ".", { recursive: true });
const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "--quiet", "--platform", "deno", "--output", output, "mod.ts"],
  cwd: root,
}).output();
if (code !== 0) {
  Deno.stderr.writeSync(stderr);
  Deno.exit(1);
}
Deno.stdout.writeSync(new TextEncoder().encode(`${output}\n`));
