/**
 * What it costs to look at a fleet under systemd: `fleet status` of a hundred agents against the two programs that it asks, and
 * the processor time of `fleet watch` at rest.
 *
 * @module
 */

import { SystemdWorld } from "../tests/_systemd_user.ts";
import { root, show } from "../tests/_world.ts";
import type { Section } from "./harness.ts";

const count = 100;
const rounds = 30;
/** The watch is measured over this time, less what its start takes. */
const watchMs = { short: 5_000, long: 35_000 } as const;

/** Measures looks at a fleet of units. */
export async function benchUnits(signal: AbortSignal): Promise<readonly Section[]> {
  const names = Array.from({ length: count }, (_, at) => `agent${at}`);
  const agents = names.map((name) => `[[agents]]\nname = "${name}"\nclass = "implementer"\ncommand = ["cat"]\n`);
  const opened = await SystemdWorld.open(`version = 1\n${agents.join("")}`);
  if (typeof opened === "string") throw new Error(opened);
  await using systemd = opened;
  for (const words of [["fleet", "install"], ["fleet", "start", "--timeout", "2m"]]) {
    const ended = await systemd.muster(words, { timeoutMs: 300_000 });
    if (ended.code !== 0) throw new Error(`muster ${words.join(" ")}: ${show(ended)}`);
  }
  signal.throwIfAborted();
  const worker = new URL("bench/_units_worker.ts", root).pathname;
  const measured = await systemd.run(Deno.execPath(), ["run", "--quiet", "-A", worker, String(rounds)], {
    timeoutMs: 300_000,
  });
  if (measured.code !== 0) throw new Error(show(measured));
  const { took, forks } = JSON.parse(measured.stdout);
  signal.throwIfAborted();
  const [short, long] = [await watchProcessorMs(systemd, watchMs.short), await watchProcessorMs(systemd, watchMs.long)];
  const perMinute = (long - short) * 60_000 / (watchMs.long - watchMs.short);
  const asked = Object.entries(forks).map(([name, times]) => `${name} ${times}×`).join(", ");
  return [{
    title: `Status of ${count} agents under systemd (forks: ${asked})`,
    reference: { what: "tmux list-panes -a, then systemctl show of their units", sample: took.bare },
    subjects: [{ what: "fleet status, called", sample: took.status, goal: 1.5 }],
  }, {
    title: `Watching ${count} agents at rest for a minute`,
    reference: { what: "1 % of one core", sample: [600] },
    subjects: [{ what: "processor time of fleet watch and what it runs", sample: [perMinute], goal: 1 }],
  }];
}

/** The processor time of a watch and of what it runs, by the shell that waited for it. */
async function watchProcessorMs(systemd: SystemdWorld, forMs: number): Promise<number> {
  const main = new URL("mod.ts", root).pathname;
  const words = [Deno.execPath(), "run", "--quiet", "-A", main, "fleet", "watch", "--for", `${forMs}ms`];
  const ended = await systemd.run("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', "bash", ...words], {
    timeoutMs: forMs + 60_000,
  });
  const [user = NaN, system = NaN] = ended.stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  if (ended.code !== 0 || !Number.isFinite(user + system)) throw new Error(show(ended));
  return (user + system) * 1000;
}
