#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Shows a project's machine, what is provisioned on it, and whether that is out of date.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/status.ts
 * ```
 *
 * @module
 */

import { actions } from "../../lib/provision/action.ts";
import { isGood } from "../../lib/provision/history.ts";
import { look } from "../../lib/provision/look.ts";
import { describeHolder, readLease } from "../../lib/state/lease.ts";
import { defineTask, formatDuration, runAsMain, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";
import { describeChange, driftOf, driftSchema, shortDigest } from "./_drift.ts";
import { driverPermissions, lookPermissions, openProject, projectField } from "./_project.ts";

/** A machine that muster neither makes nor starts. */
const isOthers = (driver: string) => driver === "host" || driver === "ssh";

/** What the states of such a machine mean to a person. */
const othersStates = { absent: "not provisioned yet", stopped: "started anew since", running: "running" };

/** `muster provision status`. */
export const provisionStatus = defineTask({
  name: "provision status",
  tier: "read",
  summary: "Show the machine, and whether what is provisioned is out of date",
  input: z.object({ ...projectField }),
  output: driftSchema.extend({
    driver: z.string(),
    state: z.enum(["absent", "stopped", "running"]),
    action: z.enum(actions),
    instance: z.string().describe("Which machine it is; empty where there is none"),
    provisioning: z.string().optional().describe("Who provisions it now"),
    steps: z.array(z.object({
      name: z.string(),
      result: z.enum(["never", "running", "ok", "unneeded", "failed", "interrupted"]),
      at: z.string().optional(),
      elapsedMs: z.number().optional(),
      reason: z.string().optional(),
    })),
  }),
  permissions: lookPermissions,
  optional: driverPermissions,
  examples: [
    { run: "muster provision status", does: "look" },
    { run: "muster provision status --json", does: "print JSON" },
  ],
  render: (output, { style }) => {
    const { machine, driver, state, provisioned, drifted, changes, reasons, steps, provisioning } = output;
    const paint = (result: string) =>
      result === "ok" || result === "unneeded" ? style.good : result === "failed" ? style.bad : style.quiet;
    const rows = steps.map(({ name, result, at = "", elapsedMs, reason = "" }) => [
      `  ${name}`,
      { text: result, paint: paint(result) },
      at,
      elapsedMs === undefined ? "" : formatDuration(elapsedMs),
      reason,
    ]);
    return [
      `${machine}: ${driver}, ${isOthers(driver) ? othersStates[state] : state}`,
      `provisioned: ${shortDigest(provisioned)}${drifted ? style.warn(" (out of date)") : ""}`,
      ...(provisioning === undefined ? [] : [`provisioning now: ${provisioning}`]),
      ...changes.flatMap(describeChange).map((line) => `  ${line}`),
      ...reasons.map(({ step, reason }) => `  due: ${step}, ${reason}`),
      ...(rows.length > 0 ? [renderTable(rows)] : []),
    ].join("\n");
  },
  run: async ({ project: directory }, io, { signal, say }) => {
    const project = await openProject(io, directory, say);
    const seen = await look(io, project, { signal });
    const holder = await readLease(io, seen.state.lease, signal);
    const { exists, running, instance } = seen.observation;
    const steps = seen.steps.map(({ name }) => {
      const last = seen.history.steps.get(name)?.last;
      if (last === undefined) return { name, result: "never" as const };
      const { result, at, elapsedMs, reason } = last;
      const why = reason === undefined || isGood(last) ? {} : { reason };
      return { name, result, at, ...(elapsedMs === undefined ? {} : { elapsedMs }), ...why };
    });
    return {
      ...driftOf(seen),
      driver: project.machine.driver,
      state: !exists ? "absent" as const : running ? "running" as const : "stopped" as const,
      action: seen.action,
      instance: exists ? instance : "",
      ...(holder && holder.life !== "dead" ? { provisioning: describeHolder(holder) } : {}),
      steps,
    };
  },
});

if (import.meta.main) await runAsMain(provisionStatus);
