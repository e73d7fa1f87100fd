/**
 * Measures a fleet of units from beside its systemd, and prints the samples as JSON. Run by units.ts. Argument: the rounds.
 *
 * @module
 */

import { fleetStatus, readInstall, readRoster } from "../lib/fleet/mod.ts";
import { type Io, realIo } from "../lib/io/mod.ts";
import { keepReceipt } from "../lib/state/receipt_log.ts";
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
// As after some hundred messages: what fleet status looks through for the last of each agent.
const receiptBytes = 128 * 1024;
for (let at = 0; at < 500; at++) {
  const session = `agent${at % roster.agents.length}`;
  const target = { socket: roster.tmux.socketName, session, pane: "%1" };
  const sent = { outcome: "submitted", evidence: "screen", bytes: 100, attempts: 1, elapsedMs: 20 };
  await keepReceipt(io, { ...sent, messageId: `01M88BTKACKC30RGC8HVYQR${at}`, target }, `message ${at}`);
}
const look = async () => {
  const { agents } = await fleetStatus(io, await readRoster(io), {
    installed,
    path,
    version: installed.muster.version,
    receiptBytes,
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
