/**
 * Prints what muster costs as ratios to references that are measured in the same run. Run by `deno task bench`; names of
 * benchmarks (`help`, `send`, `status`, `start`) choose some. A goal that is missed is printed, and is no failure.
 *
 * @module
 */

import { realIo } from "../lib/io/mod.ts";
import { styleFor } from "../lib/task/mod.ts";
import { type Cell, renderTable } from "../tasks/_table.ts";
import { type Benchmark, fork, type Line, quantile, type Section } from "./harness.ts";
import { benchHelp } from "./help.ts";
import { benchLane } from "./lane.ts";
import { benchSend } from "./send.ts";
import { benchStart } from "./start.ts";
import { benchStatus } from "./status.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  help: benchHelp,
  send: benchSend,
  status: benchStatus,
  start: benchStart,
  lane: benchLane,
};

const { terminal } = realIo;
const style = styleFor({ color: terminal.isTerminal.out && !terminal.noColor });

/** The rows of a section: its title with the headings, its reference, its subjects. */
function sectionRows({ title, reference, subjects }: Section): Cell[][] {
  const base = quantile(reference.sample, 0.5);
  const row = ({ what, sample, goal }: Line): Cell[] => {
    const ratio = quantile(sample, 0.5) / base;
    const verdict = goal === undefined
      ? ""
      : ratio <= goal
      ? { text: "met", paint: style.good }
      : { text: "missed", paint: style.bad };
    return [
      `  ${what}`,
      milliseconds(quantile(sample, 0.5)),
      milliseconds(quantile(sample, 0.95)),
      String(sample.length).padStart(6),
      sample === reference.sample ? { text: "reference", paint: style.quiet } : showRatio(ratio),
      goal === undefined ? "" : `≤ ${showGoal(goal)}`,
      verdict,
    ];
  };
  const blank = Array(7).fill("");
  return [[{ text: title, paint: style.strong }, ...blank.slice(1)], row(reference), ...subjects.map(row), blank];
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1).padStart(8)} ms`;
}

function showRatio(ratio: number): string {
  return ratio < 0.5 ? `1/${(1 / ratio).toFixed(1)}` : `${ratio.toFixed(2)}×`;
}

function showGoal(goal: number): string {
  return goal < 0.5 ? `1/${Math.round(1 / goal)}` : `${goal}×`;
}

/** Runs the benchmarks named, or all, and prints their table. */
async function main(names: readonly string[], signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const unknown = names.find((name) => !Object.hasOwn(benchmarks, name));
  if (unknown !== undefined) throw new TypeError(`Cannot run the benchmark "${unknown}": expected ${known()}`);
  const sections: Section[] = [];
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    if (terminal.isTerminal.err) terminal.err(`measuring ${name} …\n`);
    sections.push(...await benchmark(signal));
  }
  const heading = ["", "     median", "        p95", "rounds", "ratio", "goal", ""];
  const tmux = (await fork("tmux", ["-V"])).trim();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  terminal.out([
    renderTable([heading.map((text) => ({ text, paint: style.quiet })), ...sections.flatMap(sectionRows)]),
    style.quiet(
      `Deno ${Deno.version.deno}, ${tmux}, ${navigator.hardwareConcurrency} cores, load ${
        Deno.loadavg().map((load) => load.toFixed(1)).join(" ")
      }; ${seconds} s. A ratio is of medians.`,
    ),
    "",
  ].join("\n"));
}

function known(): string {
  return Object.keys(benchmarks).join(", ");
}

const controller = new AbortController();
const exits = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
let status = 0;
for (const [name, code] of Object.entries(exits)) {
  Deno.addSignalListener(name as keyof typeof exits, () => {
    status = code;
    controller.abort(new Error(`Interrupted by ${name}`));
  });
}
try {
  await main(Deno.args, controller.signal);
} catch (error) {
  // What a benchmark made is gone by now: each cleans up behind itself.
  terminal.err(`muster bench: ${error instanceof Error ? error.message : error}\n`);
  if (status === 0) status = 1;
}
Deno.exit(status);
