/**
 * What it costs to look at a whole fleet: `fleet status` of sixty agents, against one `tmux list-panes` of their server.
 *
 * @module
 */

import { stringifyToml } from "../lib/deps/toml.ts";
import { readRoster } from "../lib/fleet/mod.ts";
import { callTask } from "../lib/task/call.ts";
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
  const declare = (runtime: string) =>
    io.files.write(`${io.env.get("MUSTER_HOME")}/fleet/roster.toml`, roster(runtime));
  await declare("command");
  const { agents } = await callTask(fleetStart, {}, { io, signal });
  if (!agents.every(({ result }) => result === "started")) throw new Error("The agents of the benchmark did not start");
  const list = (...words: readonly string[]) => () => timed(() => stage.tmux(socket, ["list-panes", "-a", ...words]));
  const look = async () => {
    const { agents } = await callTask(fleetStatus, {}, { io, signal });
    if (!agents.every(({ pid }) => pid > 0)) throw new Error("An agent of the benchmark is gone");
  };
  const rounds = { rounds: 60, warmups: 10, signal };
  const took = await interleave({
    plain: list(),
    least: list("-F", leastFormat),
    roster: () => timed(() => readRoster(io)),
    status: () => timed(look),
  }, rounds);
  // The same panes, of a kind whose screens are read: what they show is not known, and costs as much to look at.
  await declare("demo");
  const read = await interleave({ plain: list(), status: () => timed(look) }, rounds);
  return [{
    title: `Status of ${count} agents, against one tmux list-panes -a`,
    reference: { what: "tmux list-panes -a", sample: took.plain },
    subjects: [
      { what: "fleet status, called", sample: took.status, goal: 1.5 },
      { what: "of that, reading the roster", sample: took.roster },
      { what: "tmux list-panes -a of the six fields that status prints", sample: took.least },
    ],
  }, {
    title: "The same, where every agent's screen is read",
    reference: { what: "tmux list-panes -a", sample: read.plain },
    subjects: [{ what: "fleet status, called", sample: read.status }],
  }];
}

function roster(runtime: string): string {
  const names = Array.from({ length: count }, (_, at) => `agent${at}`);
  const agents = names.map((name) => ({ name, runtime, class: "implementer", command: ["cat"] }));
  return stringifyToml({ version: 1, tmux: { socket_name: socket }, agents });
}
