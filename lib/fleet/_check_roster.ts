/** What a roster's keys have to be to one another. */
import { didYouMean } from "../config/did_you_mean.ts";
import { quoted } from "../config/quoted.ts";
import { showKey } from "../config/show_key.ts";
import type { z } from "../deps/zod.ts";
import { effectiveRuntime, findRuntime } from "./_find_runtime.ts";
import type { RosterFile } from "./roster_schema.ts";
import { runtimeKinds } from "../agents/runtimes.ts";

type Report = (what: string, path: (string | number)[], message: string, hint?: string) => void;

/** Reports names that clash, runtimes that are not there and programs that are not named. */
export function checkRoster(file: RosterFile, context: z.core.$RefinementCtx<RosterFile>): void {
  const report: Report = (what, path, message, hint) =>
    context.addIssue({ code: "custom", path, message, params: { what, hint } });
  checkNames(file, report);
  checkRuntimes(file, report);
  checkKickstart(file.defaults, ["defaults"], report);
  for (const [index, agent] of file.agents.entries()) checkKickstart(agent, ["agents", index], report);
}

function checkNames(file: RosterFile, report: Report): void {
  const indexes = new Map<string, number>();
  for (const [index, { name }] of file.agents.entries()) {
    const path = ["agents", index, "name"];
    const first = indexes.get(name);
    if (first !== undefined) report("duplicate name", path, quoted(name), `agents[${first}] has this name already`);
    else indexes.set(name, index);
    if (name === file.tmux.holder_session) {
      const hint = "rename the agent or set holder_session in [tmux]";
      report("reserved name", path, `${quoted(name)} is the session of the holder`, hint);
    }
  }
}

function checkRuntimes(file: RosterFile, report: Report): void {
  const isKnown = (name: string | undefined) => name === undefined || findRuntime(file, name) !== undefined;
  const reportUnknown = (name: string, path: (string | number)[]) => {
    const near = didYouMean(name, [...Object.keys(file.runtimes), ...runtimeKinds]);
    report("unknown runtime", path, quoted(name), near ?? `declare it as [${showKey(["runtimes", name])}]`);
  };
  const inherited = file.defaults.runtime;
  if (inherited !== undefined && !isKnown(inherited)) reportUnknown(inherited, ["defaults", "runtime"]);
  for (const [index, agent] of file.agents.entries()) {
    if (agent.runtime !== undefined && !isKnown(agent.runtime)) {
      reportUnknown(agent.runtime, ["agents", index, "runtime"]);
      continue;
    }
    const name = effectiveRuntime(file, agent);
    if (name === undefined) {
      const reason = "neither the agent nor [defaults] names a runtime";
      report("missing key", ["agents", index, "runtime"], reason, "name a runtime, or give the agent a command");
      continue;
    }
    const runtime = findRuntime(file, name);
    const command = agent.command ?? file.defaults.command ?? runtime?.command;
    if (runtime?.kind === "command" && command === undefined) {
      const reason = `the runtime ${quoted(name)} names no program`;
      report("missing key", ["agents", index, "command"], reason, 'write command = ["program", "argument"]');
    }
  }
}

function checkKickstart(
  table: { readonly kickstart?: string; readonly kickstart_template?: string },
  path: readonly (string | number)[],
  report: Report,
): void {
  if (table.kickstart === undefined || table.kickstart_template === undefined) return;
  report("conflicting key", [...path, "kickstart_template"], "kickstart is set too", "keep one of the two");
}
