import type { Host } from "../../io/mod.ts";

/** How long a program may take to tell its version, in seconds. */
const answerWithin = 15;

/** Kinds whose program may be anything: asked for its version, it might begin to work. */
const unasked = ["command", "demo"];

/**
 * What programs say when they are asked for their version, the first line of it; empty where the kind is not asked, or the
 * program does not tell. They are asked side by side.
 */
export async function programVersions(
  host: Host,
  programs: readonly { readonly path: string; readonly kind: string }[],
  signal?: AbortSignal,
): Promise<string[]> {
  return await Promise.all(programs.map(async ({ path, kind }) => {
    if (unasked.includes(kind)) return "";
    const late = AbortSignal.timeout(answerWithin * 1000);
    const over = signal ? AbortSignal.any([signal, late]) : late;
    try {
      const { code, stdout } = await host.run("sh", ["-c", 'exec "$1" --version', "sh", path], { signal: over });
      return code === 0 ? stdout.trim().split("\n")[0] ?? "" : "";
    } catch (error) {
      if (error !== late.reason) throw error;
      return "";
    }
  }));
}
