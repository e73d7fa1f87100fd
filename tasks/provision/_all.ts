/** Drift over many machines: those provisioned from here, and from the other hosts of the fleet. */
import { readRoster } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/error.ts";
import type { Io } from "../../lib/io/io.ts";
import { visible } from "../../lib/io/visible.ts";
import { isGood } from "../../lib/provision/history.ts";
import { knownProjects } from "../../lib/provision/known_machines.ts";
import { look } from "../../lib/provision/look.ts";
import { readProject } from "../../lib/provision/read_project.ts";
import { type Page, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";
import { driftOf, driftSchema, shortDigest } from "./_drift.ts";

const cells = ["ok", "changed", "failed", "interrupted", "due"] as const;

const machineSchema = z.object({
  host: z.string().describe("The fleet's host that provisions it; empty for this one"),
  name: z.string(),
  root: z.string().describe("The project's directory on that host"),
  drift: driftSchema.optional().describe("Left out where it could not be seen"),
  steps: z.array(z.object({ name: z.string(), state: z.enum(cells) })).optional(),
  error: z.string().optional().describe("Why it could not be seen"),
});

/** The JSON of `provision drift --all`. */
export const allSchema = z.object({ machines: z.array(machineSchema) });

type MachineRow = z.output<typeof machineSchema>;

/** How many are looked at side by side. */
const width = 8;

/** Looks at every machine, side by side; one that cannot be seen says why. */
export async function allDrift(
  io: Io,
  { hereOnly, strict, signal }: { readonly hereOnly: boolean; readonly strict: boolean; readonly signal: AbortSignal },
): Promise<z.output<typeof allSchema>> {
  const hosts = hereOnly ? [] : await otherHosts(io);
  const jobs = [
    ...(await knownProjects(io)).map((project) => async () => [await machineRow(io, project, strict, signal)]),
    ...hosts.map((host) => () => hostRows(io, host, strict, signal)),
  ];
  const rows: MachineRow[][] = [];
  const queue = jobs.entries();
  await Promise.all(Array.from({ length: width }, async () => {
    for (const [at, job] of queue) rows[at] = await job();
  }));
  return { machines: rows.flat() };
}

/** The hosts of the roster, but for this one; none where there is no roster. */
async function otherHosts(io: Io): Promise<string[]> {
  try {
    const { agents } = await readRoster(io);
    return [...new Set(agents.flatMap(({ host }) => host === undefined || host === "" ? [] : [host]))].sort();
  } catch (error) {
    if (error instanceof MusterError && error.code === "not_found") return [];
    throw error;
  }
}

async function machineRow(
  io: Io,
  { name, root }: { readonly name: string; readonly root: string },
  strict: boolean,
  signal: AbortSignal,
): Promise<MachineRow> {
  try {
    const seen = await look(io, await readProject(io, root), { strict, signal });
    const due = new Map(seen.due.map(({ step, reason }) => [step.name, reason]));
    const steps = seen.steps.map((step) => {
      const last = seen.history.steps.get(step.name)?.last;
      const reason = due.get(step.name);
      if (last && !isGood(last)) {
        return { name: step.name, state: last.result === "failed" ? "failed" as const : "interrupted" as const };
      }
      if (reason === undefined || reason === "check") return { name: step.name, state: "ok" as const };
      return { name: step.name, state: reason === "changed" ? "changed" as const : "due" as const };
    });
    return { host: "", name, root, drift: driftOf(seen), steps };
  } catch (error) {
    if (!(error instanceof MusterError) || signal.aborted) throw error;
    return { host: "", name, root, error: error.message };
  }
}

/** What muster on another host says of the machines there. */
async function hostRows(io: Io, host: string, strict: boolean, signal: AbortSignal): Promise<MachineRow[]> {
  const failed = (error: string): MachineRow[] => [{ host, name: "", root: "", error }];
  const command = `muster provision drift --all --here --json${strict ? " --strict" : ""}`;
  const { code, stdout, stderr } = await io.process.run("ssh", [
    ...["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", host],
    command,
  ], { signal });
  try {
    return allSchema.parse(JSON.parse(stdout)).machines.map((row) => ({ ...row, host }));
  } catch {
    const last = visible(stderr.trim().split("\n").at(-1) ?? "");
    return failed(last === "" ? `muster said nothing that can be read: exit ${code}` : last);
  }
}

/** A table of machine and step. */
export function renderAll({ machines }: z.output<typeof allSchema>, { style }: Page): string {
  if (machines.length === 0) return "no machine was provisioned from here";
  const names = [...new Set(machines.flatMap(({ steps = [] }) => steps.map(({ name }) => name)))];
  const paint = { ok: style.good, changed: style.warn, due: style.warn, interrupted: style.warn, failed: style.bad };
  const heading = ["HOST", "MACHINE", "PROVISIONED", ...names.map((name) => name.toUpperCase()), ""];
  const rows = machines.map(({ host, name, drift, steps = [], error }) => [
    visible(host === "" ? "here" : host),
    visible(name),
    drift ? shortDigest(drift.provisioned) : "",
    ...names.map((step) => {
      const state = steps.find((one) => one.name === step)?.state;
      return state === undefined ? "-" : { text: state, paint: paint[state] };
    }),
    error === undefined ? (drift?.drifted ? "out of date" : "") : { text: visible(error), paint: style.bad },
  ]);
  return renderTable([heading.map((text) => ({ text, paint: style.quiet })), ...rows]);
}
