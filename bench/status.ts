/**
 * What it costs to look at a whole fleet: `fleet status` of sixty agents, against one `tmux list-panes` of their server.
 *
 * @module
 */

import { stringifyToml } from "../lib/deps/toml.ts";
import { readRoster } from "../lib/fleet/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { paneFormat } from "../lib/tmux/mod.ts";
import { fleetStart } from "../tasks/fleet/start.ts";
import { fleetStatus } from "../tasks/fleet/status.ts";
import { interleave, type Section, Stage, timed } from "./harness.ts";

const socket = "status";
const count = 60;

/** What `fleet status` prints of a pane, and nothing else: the least that its answer could be made from. */
const leastFormat = ["session_name", "pane_id", "pane_pid", "pane_dead", "pid", "host"]
  .map((field) => `#{${field}}`).join("\t");

/** Measures looks at a fleet. */
export async function benchStatus(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  const { io } = stage;
  await io.files.write(`${io.env.get("MUSTER_HOME")}/fleet/roster.toml`, roster());
  const { agents } = await callTask(fleetStart, {}, { io, signal });
  if (!agents.every(({ result }) => result === "started")) throw new Error("The agents of the benchmark did not start");
  const list = (format: string) => () => timed(() => stage.tmux(socket, ["list-panes", "-a", "-F", format]));
  const look = async () => {
    const { agents } = await callTask(fleetStatus, {}, { io, signal });
    if (!agents.every(({ pid }) => pid > 0)) throw new Error("An agent of the benchmark is gone");
  };
  const took = await interleave({
    least: list(leastFormat),
    whole: list(paneFormat),
    roster: () => timed(() => readRoster(io)),
    status: () => timed(look),
  }, { rounds: 60, warmups: 10, signal });
  const subjects = [{ what: `fleet status of ${count} agents, called`, sample: took.status, goal: 1.5 }];
  return [{
    title: `Status of ${count} agents, against one list-panes of what it prints`,
    reference: { what: "tmux list-panes -a", sample: took.least },
    subjects: [
      ...subjects,
      { what: "of that, reading the roster", sample: took.roster },
      { what: "tmux list-panes -a, muster's format", sample: took.whole },
    ],
  }, {
    title: "The same, against one list-panes of muster's format",
    reference: { what: "tmux list-panes -a, muster's format", sample: took.whole },
    subjects: subjects.map(({ what, sample }) => ({ what, sample })),
  }];
}

function roster(): string {
  const names = Array.from({ length: count }, (_, at) => `agent${at}`);
  const agents = names.map((name) => ({ name, runtime: "command", class: "implementer", command: ["cat"] }));
  return stringifyToml({ version: 1, tmux: { socket_name: socket }, agents });
}
