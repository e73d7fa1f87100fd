/**
 * Prints what muster costs as ratios to references that are measured in the same run. Run by `deno task bench`; names of
 * benchmarks (`help`, `send`, `pi`, `fan`, `memory`, `ssh`, `status`, `start`, `provision`, `units`, `lane`, `ci`) choose some. A
 * goal that is missed is printed, and is no failure.
 *
 * @module
 */

import { realIo } from "../lib/io/mod.ts";
import { styleFor } from "../lib/task/mod.ts";
import { type Cell, renderTable } from "../tasks/_table.ts";
import { type Benchmark, fork, type Line, quantile, type Section } from "./harness.ts";
import { benchFanOut } from "./fan_out.ts";
import { benchCi } from "./ci.ts";
import { benchHelp } from "./help.ts";
import { benchMemory } from "./memory.ts";
import { benchPi } from "./pi.ts";
import { benchProvision } from "./provision.ts";
import { benchLane } from "./lane.ts";
import { benchSend } from "./send.ts";
import { benchSsh } from "./ssh.ts";
import { benchStart } from "./start.ts";
import { benchStatus } from "./status.ts";
import { benchUnits } from "./units.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  help: benchHelp,
  send: benchSend,
  pi: benchPi,
  fan: benchFanOut,
  memory: benchMemory,
  ssh: benchSsh,
  status: benchStatus,
  start: benchStart,
  units: benchUnits,
  provision: benchProvision,
  lane: benchLane,
  ci: benchCi,
};

const { terminal } = realIo;
const style = styleFor({ color: terminal.isTerminal.out && !terminal.noColor });

/** The rows of a section: its title with the headings, its reference, its subjects. */
function sectionRows({ title, unit = "ms", reference, subjects }: Section): Cell[][] {
  const row = (line: Line): Cell[] => {
    const { what, sample, goal, tailGoal } = line;
    const [p50 = NaN, p95 = NaN, p99 = NaN] = [0.5, 0.95, 0.99].map((share) => quantile(sample, share));
    const isReference = line === reference;
    const ratio = p50 / quantile(reference.sample, 0.5);
    const tail = p99 / quantile(reference.sample, 0.99);
    return [
      `  ${what}`,
      ...[p50, p95, p99].map((value) => `${value.toFixed(1).padStart(8)} ${unit}`),
      String(sample.length).padStart(6),
      isReference ? { text: "reference", paint: style.quiet } : showRatio(ratio),
      ...goalCells(ratio, goal),
      isReference || tailGoal === undefined ? "" : showRatio(tail),
      ...goalCells(tail, tailGoal),
    ];
  };
  const blank = Array(columns.length).fill("");
  return [[{ text: title, paint: style.strong }, ...blank.slice(1)], row(reference), ...subjects.map(row), blank];
}

const columns = ["", "        p50", "        p95", "        p99", "rounds", "ratio", "goal", "", "of p99", "goal", ""];

function goalCells(ratio: number, goal: number | undefined): Cell[] {
  if (goal === undefined) return ["", ""];
  const verdict = ratio <= goal ? { text: "met", paint: style.good } : { text: "missed", paint: style.bad };
  return [`≤ ${showGoal(goal)}`, verdict];
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
  const tmux = (await fork("tmux", ["-V"])).trim();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  terminal.out([
    renderTable([columns.map((text) => ({ text, paint: style.quiet })), ...sections.flatMap(sectionRows)]),
    style.quiet(
      `Deno ${Deno.version.deno}, ${tmux}, ${navigator.hardwareConcurrency} cores, load ${
        Deno.loadavg().map((load) => load.toFixed(1)).join(" ")
      }; ${seconds} s. A ratio is of medians, or of p99s.`,
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
