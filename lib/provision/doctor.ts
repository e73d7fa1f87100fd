/**
 * What is wrong with a project's provisioning, and what is only to be known of it.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { describeHolder, readLease } from "../state/lease.ts";
import { isGood } from "./history.ts";
import { look } from "./look.ts";
import { MachineState } from "./machine_state.ts";
import type { Project } from "./project.ts";

/** One thing that was looked at. */
export interface Finding {
  /** `ok`, `info` for what is no fault, `issue` for what is. */
  readonly level: "ok" | "info" | "issue";
  /** What it is about. */
  readonly about: string;
  /** What was found. */
  readonly message: string;
  /** The way out. */
  readonly hint?: string;
}

/** Looks at everything that provisioning rests on. Drift is information, and no issue. */
export async function findIssues(io: Io, project: Project, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [{ level: "ok", about: "project", message: project.file }];
  for (const note of project.notes) findings.push({ level: "info", about: "project", message: note });
  const state = await MachineState.of(io, project);
  try {
    const holder = await readLease(io, state.lease, signal);
    if (holder?.life === "alive") findings.push({ level: "info", about: "lease", message: describeHolder(holder) });
    if (holder?.life === "dead") {
      const message = `${describeHolder(holder)} has ended`;
      findings.push({ level: "info", about: "lease", message, hint: "the next up takes it over" });
    }
    if (holder?.life === "unknown") {
      const message = `cannot be looked at from here: ${describeHolder(holder)}`;
      findings.push({ level: "issue", about: "lease", message, hint: `when it is over, remove ${state.lease}` });
    }
    const seen = await look(io, project, { signal });
    const { observation: { exists, running, mountsAsDeclared }, torn, history, changes, due } = seen;
    const machine = !exists
      ? "not created"
      : !running
      ? "stopped"
      : mountsAsDeclared
      ? "running"
      : "running, other mounts";
    findings.push({ level: exists && running && mountsAsDeclared ? "ok" : "info", about: "machine", message: machine });
    if (torn.length > 0) {
      const message = `lines that a kill cut short: ${torn.join(", ")} of ${state.journal.path}`;
      findings.push({ level: "info", about: "journal", message });
    }
    for (const [name, { last }] of history.steps) {
      if (isGood(last) || !seen.steps.some((step) => step.name === name)) continue;
      const message = last.result === "failed" ? `failed: ${last.reason ?? ""}` : "was interrupted";
      findings.push({ level: "issue", about: name, message, hint: `muster provision log ${name}; up runs it again` });
    }
    if (changes.length > 0 || due.length > 0) {
      const message = changes.length > 0
        ? `${changes.length} changed`
        : `due: ${due.map(({ step }) => step.name).join(", ")}`;
      findings.push({ level: "info", about: "drift", message, hint: "muster provision drift" });
    }
  } catch (error) {
    if (!(error instanceof MusterError) || error.code === "interrupted") throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    findings.push({ level: "issue", about: project.machine.name, message: error.message, ...hint });
  }
  return findings;
}
