/**
 * What muster's own code adds to the start of Deno: help pages as whole processes, against a module with nothing in it.
 *
 * @module
 */

import { checkout, fork, interleave, type Section, timed } from "./harness.ts";

const goal = 3;

/** Measures the start of muster. */
export async function benchHelp(signal: AbortSignal): Promise<readonly Section[]> {
  const empty = await Deno.makeTempFile({ prefix: "muster-bench-", suffix: ".ts" });
  try {
    const deno = (...words: readonly string[]) => () =>
      timed(() => fork(Deno.execPath(), ["run", ...words], { env: { NO_COLOR: "1" }, signal }));
    const took = await interleave({
      empty: deno(empty),
      muster: deno(`${checkout}cli.ts`, "--help"),
      send: deno(`${checkout}cli.ts`, "tmux", "send", "--help"),
      library: deno(`${checkout}mod.ts`, "--help"),
      librarySend: deno(`${checkout}mod.ts`, "tmux", "send", "--help"),
      script: deno(`${checkout}tasks/tmux/send.ts`, "--help"),
    }, { rounds: 25, signal });
    return [{
      title: "Help, as whole processes",
      reference: { what: "an empty Deno module", sample: took.empty },
      subjects: [
        { what: "cli.ts --help", sample: took.muster, goal },
        { what: "cli.ts tmux send --help", sample: took.send, goal },
        { what: "mod.ts --help", sample: took.library, goal },
        { what: "mod.ts tmux send --help", sample: took.librarySend, goal },
        { what: "tasks/tmux/send.ts --help", sample: took.script },
      ],
    }];
  } finally {
    await Deno.remove(empty);
  }
}
