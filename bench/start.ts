/**
 * What it costs to start a fleet: `fleet start` of thirty agents, against thirty calls of `tmux new-session`.
 *
 * @module
 */

import { stringifyToml } from "../lib/deps/toml.ts";
import type { Io } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { fleetStart } from "../tasks/fleet/start.ts";
import { interleave, type Section, Stage, timed } from "./harness.ts";

const sockets = { subject: "start", reference: "reference" } as const;
const names = Array.from({ length: 30 }, (_, at) => `agent${at}`);

/** When the sessions existed, and when the call came back. */
interface Start {
  readonly existMs: number;
  readonly readyMs: number;
}

/** Measures starts; each makes its server, too. */
export async function benchStart(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  await stage.io.files.write(`${stage.io.env.get("MUSTER_HOME")}/fleet/roster.toml`, roster());
  const trials = { loop: () => startOneByOne(stage), fleet: () => startFleet(stage) };
  const took = await interleave<"loop" | "fleet", Start>(trials, { rounds: 12, signal });
  return [{
    title: `Start of ${names.length} agents, with their server`,
    reference: { what: `tmux new-session -d, ${names.length} times`, sample: took.loop.map(({ existMs }) => existMs) },
    subjects: [
      { what: "fleet start, until the sessions exist", sample: took.fleet.map(({ existMs }) => existMs), goal: 1 },
      { what: "fleet start, until each agent is seen ready", sample: took.fleet.map(({ readyMs }) => readyMs) },
    ],
  }];
}

async function startOneByOne(stage: Stage): Promise<Start> {
  const tookMs = await timed(async () => {
    for (const name of names) {
      await stage.tmux(sockets.reference, ["new-session", "-d", "-s", name, "-x", "200", "-y", "50", "--", "cat"]);
    }
  });
  await stage.stopServer(sockets.reference);
  return { existMs: tookMs, readyMs: tookMs };
}

async function startFleet(stage: Stage): Promise<Start> {
  const { io, signal } = stage;
  let existMs: number | undefined;
  const started = performance.now();
  const watched: Io = {
    ...io,
    process: {
      ...io.process,
      async run(command, args, options) {
        const result = await io.process.run(command, args, options);
        // The sessions come from a script on standard input. tmux answers when it has run, so they exist by now.
        if (String(options?.stdin ?? "").includes('"new-session"')) existMs = performance.now() - started;
        return result;
      },
    },
  };
  const { agents } = await callTask(fleetStart, {}, { io: watched, signal });
  const readyMs = performance.now() - started;
  if (!agents.every(({ result }) => result === "started")) throw new Error("The agents of the benchmark did not start");
  if (existMs === undefined) throw new Error("No call of tmux was seen to make the sessions");
  await stage.stopServer(sockets.subject);
  return { existMs, readyMs };
}

function roster(): string {
  const agents = names.map((name) => ({ name, runtime: "command", command: ["cat"] }));
  return stringifyToml({ version: 1, tmux: { socket_name: sockets.subject }, agents });
}
