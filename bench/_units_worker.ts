/**
 * Measures a fleet of units from beside its systemd, and prints the samples as JSON. Run by units.ts. Argument: the rounds.
 *
 * @module
 */

import { fleetStatus, readInstall, readRoster } from "../lib/fleet/mod.ts";
import { type Io, realIo } from "../lib/io/mod.ts";
import { fork, interleave, timed } from "./harness.ts";

const { signal } = new AbortController();
const forks: Record<string, number> = {};
const io: Io = {
  ...realIo,
  process: {
    ...realIo.process,
    run(command, args, options) {
      // sh becomes systemctl: one process, whatever its name was.
      const name = command === "sh" && args.some((word) => word.startsWith("muster-holder")) ? "systemctl" : command;
      forks[name] = (forks[name] ?? 0) + 1;
      return realIo.process.run(command, args, options);
    },
  },
};
const roster = await readRoster(io);
const installed = await readInstall(io);
if (!installed) throw new Error("No units are installed");
const path = io.env.get("PATH");
const units = ["muster-holder.service", ...installed.agents.map((name) => `muster-agent@${name}.service`)];
const list = () => fork("tmux", ["-u", "-N", "-L", "muster", "list-panes", "-a"], { signal });
const show = () =>
  fork("systemctl", ["--user", "show", "--property=Id,ActiveState,StatusText,NRestarts,MainPID", ...units]);
const look = async () => {
  const { agents } = await fleetStatus(io, await readRoster(io), {
    installed,
    path,
    version: installed.muster.version,
  });
  if (!agents.every(({ unit }) => unit?.state === "active")) throw new Error("An agent of the benchmark is gone");
};
await look();
const each = { ...forks };
const took = await interleave({
  bare: () => timed(async () => void (await list(), await show())),
  status: () => timed(look),
}, { rounds: Number(Deno.args[0]), warmups: 5, signal });
io.terminal.out(`${JSON.stringify({ agents: roster.agents.length, took, forks: each })}\n`);
