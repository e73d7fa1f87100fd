/** Drift as scripts and people read it. */
import { visible } from "../../lib/io/visible.ts";
import type { Change } from "../../lib/provision/drift.ts";
import type { Look } from "../../lib/provision/look.ts";
import { z } from "../../lib/task/mod.ts";

/** The JSON of one machine's drift. */
export const driftSchema = z.object({
  machine: z.string(),
  provisioned: z.string().nullable().describe("The digest of all that is applied; null where no run ended well"),
  current: z.string().describe("The digest of all that is declared"),
  drifted: z.boolean().describe("Whether anything is to be done"),
  action: z.string().describe("What up would do with the machine"),
  changes: z.array(z.object({
    step: z.string().describe("The pack or hook; packs for their list, machine for the machine itself"),
    input: z.string(),
    before: z.string().nullable(),
    after: z.string().nullable(),
    needs: z.enum(["new machine", "restart", "nothing"]),
  })).readonly(),
  reruns: z.array(z.string()).readonly().describe("The steps that up would run, in order"),
  reasons: z.array(z.object({ step: z.string(), reason: z.string() })).readonly().describe("Why each would run"),
});

/** One machine's drift. */
export type Drift = z.output<typeof driftSchema>;

/** One machine's drift, of a look at it. */
export function driftOf({ project, applied, declared, action, changes, due }: Look): Drift {
  const reruns = due.filter(({ reason }) => reason !== "check");
  return {
    machine: project.machine.name,
    provisioned: applied,
    current: declared,
    drifted: action !== "none" || changes.length > 0 || reruns.length > 0 || applied === null,
    action,
    changes,
    reruns: reruns.map(({ step }) => step.name),
    reasons: reruns.map(({ step, reason }) => ({ step: step.name, reason })),
  };
}

/** Eight digits of a digest, as people tell them. */
export function shortDigest(digest: string | null): string {
  return digest === null ? "never" : digest.slice(0, 8);
}

/** A change on one line, or several: `packs.enabled: + uv`. */
export function describeChange({ step, input, before, after, needs }: Change | Drift["changes"][number]): string[] {
  const needed = needs === "nothing" ? "" : ` (needs ${needs === "restart" ? "a restart" : "a new machine"})`;
  if (input === "packs.enabled") {
    return describeList(readList(before), readList(after)).map((line) => `${input}: ${line}`);
  }
  const name = input.startsWith("machine.") || input === step ? input : `${step}: ${input}`;
  if (before === null) return [`${visible(name)} added${needed}`];
  if (after === null) return [`${visible(name)} removed${needed}`];
  return [`${visible(name)} changed (${describeValues(before, after)})${needed}`];
}

function describeList(before: readonly string[], after: readonly string[]): string[] {
  const added = after.filter((name) => !before.includes(name)).map((name) => `+ ${name}`);
  const removed = before.filter((name) => !after.includes(name)).map((name) => `- ${name}`);
  const [old, now] = [before.filter((name) => after.includes(name)), after.filter((name) => before.includes(name))];
  const moved = old.join() === now.join() ? [] : [`order ${before.join(", ")} → ${after.join(", ")}`];
  return [...added, ...removed, ...moved];
}

function readList(value: string | null): string[] {
  return value?.startsWith("list:") ? JSON.parse(value.slice("list:".length)) : [];
}

function describeValues(before: string, after: string): string {
  const [old, now] = [parse(before), parse(after)];
  if (old.digest !== "" && old.digest === now.digest && old.mode !== now.mode) return `mode ${old.mode} → ${now.mode}`;
  if (old.kind === now.kind && old.digest !== "") return `${old.kind} ${old.digest}… → ${now.digest}…`;
  return `${old.text} → ${now.text}`;
}

interface Parsed {
  readonly kind: string;
  readonly mode: string;
  readonly digest: string;
  readonly text: string;
}

/** What stands for an input, taken apart: `file:0644:ab12…`, `value:ab12…`, `text:…`, `missing`. */
function parse(value: string): Parsed {
  const [kind = "", ...rest] = value.split(":");
  if (kind === "text") return { kind, mode: "", digest: "", text: visible(rest.join(":")) };
  const digest = /^[0-9a-f]{64}$/.test(rest.at(-1) ?? "") ? (rest.at(-1) ?? "").slice(0, 4) : "";
  const mode = kind === "file" || kind === "directory" || kind === "other" ? rest[0] ?? "" : "";
  const words = kind === "file" || kind === "value" ? "sha256" : kind;
  return { kind: words, mode, digest, text: digest === "" ? [words, mode].join(" ").trim() : `${words} ${digest}…` };
}

/** A machine's drift as a person reads it. */
export function renderDrift(drift: Drift): string {
  const { machine, provisioned, current, drifted, action, changes, reruns } = drift;
  if (!drifted) return `${machine}: as provisioned (${shortDigest(provisioned)})`;
  const digests = provisioned === null
    ? "never provisioned"
    : provisioned === current
    ? `provisioned ${shortDigest(provisioned)}`
    : `config changed (${shortDigest(provisioned)} → ${shortDigest(current)})`;
  const what = [...(action === "none" ? [] : [action.replaceAll("_", " ")]), ...reruns];
  return [
    `${machine}: ${digests}`,
    ...changes.flatMap(describeChange).map((line) => `  ${line}`),
    `  up will: ${what.length > 0 ? what.join(", ") : "do nothing"}`,
  ].join("\n");
}
