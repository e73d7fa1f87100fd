import type { Program } from "./programs.ts";

/** Where programs are installed: outside the tree, once for each exact version. */
function cacheDirectory(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return `${cache}/muster-test/agents`;
}

/**
 * Installs a program from npm, unless it is there, and returns the path of its command. What is installed halfway is in a
 * directory of another name, and never found.
 */
export async function installProgram({ package: name, version, bin }: Program): Promise<string> {
  const cache = cacheDirectory();
  const directory = `${cache}/${bin}-${version}`;
  const command = `${directory}/node_modules/.bin/${bin}`;
  if (await exists(command)) return command;
  await Deno.mkdir(cache, { recursive: true });
  const partial = await Deno.makeTempDir({ dir: cache, prefix: ".partial-" });
  try {
    await Deno.writeTextFile(`${partial}/package.json`, '{ "private": true }\n');
    const { code, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-audit", "--no-fund", "--save-exact", `${name}@${version}`],
      cwd: partial,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code !== 0) throw new Error(`Cannot install ${name}@${version}: ${new TextDecoder().decode(stderr)}`);
    await Deno.rename(partial, directory).catch((error) => {
      if (!(error instanceof Error && /not empty|exists/i.test(error.message))) throw error; // another was faster
    });
  } finally {
    await Deno.remove(partial, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return command;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
