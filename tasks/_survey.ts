/** What a dry run of a send prints. @module */

import { agentStates, intentions } from "../lib/agents/mod.ts";
import { visible } from "../lib/io/mod.ts";
import { type ExitStatus, type Page, z } from "../lib/task/mod.ts";
import { countBytes } from "./_receipt.ts";

/** The flag that asks for a survey in place of a send. */
export const dryRunField = z.boolean().default(false).describe("Say what a send would see and do, and type nothing");

/** What a send sees before it types, and what it would do. */
export const surveySchema = z.object({
  would: z.enum(intentions).describe("Type at once, wait, refuse (hold), or find nobody"),
  reason: z.string().optional().describe("Why it would not type at once"),
  hint: z.string().optional().describe("What to do about it"),
  target: z.object({ host: z.string(), socket: z.string(), session: z.string(), pane: z.string() }),
  runtime: z.string().describe("The kind of the pane's program"),
  command: z.string().describe("The program that holds the pane's terminal"),
  state: z.enum(agentStates),
  draft: z.string().optional().describe("What stands in the composer; left out where none was recognised"),
  dialog: z.string().optional().describe("The question of an open dialog"),
  lease: z.object({
    owner: z.int().describe("The process that has the pane; 0 for nobody"),
    waiters: z.int().describe("How many wait behind it"),
  }),
  unfinished: z.string().optional().describe("A message that a killed sender left, by its id"),
  transcript: z.string().optional().describe("The newest file of the agent's transcript"),
  noTranscript: z.string().optional().describe("Why the transcript cannot be read"),
  bytes: z.int().describe("Bytes of the message as it would be typed"),
});

type SurveyOutput = z.output<typeof surveySchema>;

const statuses: Readonly<Record<typeof intentions[number], ExitStatus>> = {
  type: 0,
  wait: 0,
  hold: 4,
  dead: 5,
  not_found: 5,
};

/** The exit status that a survey means: that of the send that would follow, as far as can be told. */
export function surveyExit({ would }: SurveyOutput): ExitStatus {
  return statuses[would];
}

/** A survey as a person reads it. */
export function renderSurvey(survey: SurveyOutput, { style }: Page): string {
  const {
    would,
    reason,
    hint,
    target,
    runtime,
    command,
    state,
    draft,
    dialog,
    lease,
    unfinished,
    bytes,
    transcript,
    noTranscript,
  } = survey;
  const said = {
    type: `would type ${countBytes(bytes)}`,
    wait: "would wait",
    hold: "would type nothing",
    dead: "nobody to type to",
    not_found: "nobody to type to",
  };
  const paint = surveyExit(survey) === 0 ? style.good : style.warn;
  const line = (name: string, value: string) => `  ${style.quiet(name.padEnd(10))}  ${visible(value)}`;
  const advice = hint === undefined ? [] : [`  hint: ${visible(hint)}`];
  if (target.pane === "") return [`${paint(said[would])}: ${visible(reason ?? "")}`, ...advice].join("\n");
  return [
    `${paint(said[would])}${reason ? `: ${visible(reason)}` : ""}`,
    line("pane", `${target.session} ${target.pane} on ${target.host}, socket ${target.socket}`),
    line("runtime", `${runtime}, running ${command}`),
    line("state", state),
    ...(dialog === undefined ? [] : [line("dialog", dialog.replaceAll("\n", " "))]),
    ...(draft === undefined ? [] : [line("draft", draft === "" ? "none" : draft.replaceAll("\n", " "))]),
    line("lease", lease.owner === 0 ? "free" : `process ${lease.owner}, ${lease.waiters} waiting`),
    line("transcript", transcript ?? `none: ${noTranscript ?? "the program has not begun to write one"}`),
    ...(unfinished === undefined ? [] : [line("left", `the unfinished message ${unfinished} of a killed sender`)]),
  ].join("\n");
}
