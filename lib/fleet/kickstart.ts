import { checkMessage, sendText } from "../agents/mod.ts";
import { type Hosts, type Io, MusterError, visible } from "../io/mod.ts";
import type { Ticket } from "../tmux/mod.ts";
import { keepReceipt } from "../state/receipt_log.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { findAgent } from "./find_agent.ts";
import { noteMessage } from "./last_message.ts";
import type { RecordedReceipt } from "./send_to_agents.ts";

/** Options of {@linkcode kickstart}. */
export interface KickstartOptions {
  /** Values of the template's places, beside `agent` and `class`. */
  readonly values?: Readonly<Record<string, string>>;
  /** A ticket of the caller's own that has the lease of the agent's pane: the kickstart goes before it. */
  readonly before?: Ticket;
  /** How long to wait for proof, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops the send. */
  readonly signal?: AbortSignal;
}

/**
 * An agent's first message, its `{{places}}` filled; `undefined` where the roster has none.
 *
 * @throws {MusterError} of code `config` for a template that is missing, or a place that has no value.
 */
export async function kickstartText(
  io: Io,
  agent: ResolvedAgent,
  values: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const template = agent.kickstart ?? await readTemplate(io, agent);
  if (template === undefined) return undefined;
  return fillTemplate(template, { agent: agent.name, class: agent.class ?? "", ...values });
}

/**
 * Fills the places of a template, `{{name}}`.
 *
 * @throws {MusterError} of code `config` for a place that has no value.
 *
 * @example
 * ```ts
 * import { fillTemplate } from "./kickstart.ts";
 *
 * const text = fillTemplate("You are {{agent}}. {{ task }}", { agent: "coder0", task: "Fix $& it." });
 * if (text !== "You are coder0. Fix $& it.") throw new Error(text);
 * ```
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}/g, (_place, name: string) => {
    if (Object.hasOwn(values, name)) return values[name] ?? "";
    throw new MusterError("config", `no value for a place of the kickstart: {{${name}}}`, {
      hint: `--set ${name}=…`,
    });
  });
}

/**
 * Sends an agent its first message.
 *
 * @returns The outcome of the send, or why there was none; `undefined` where the roster has no kickstart.
 */
export async function kickstart(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agent: ResolvedAgent,
  options: KickstartOptions = {},
): Promise<string | undefined> {
  const { timeoutMs, before, signal } = options;
  let text: string | undefined;
  try {
    text = await kickstartText(io, agent, options.values);
  } catch (error) {
    if (!(error instanceof MusterError) || error.code === "interrupted") throw error;
    return `not sent: ${error.message}`;
  }
  if (text === undefined) return undefined;
  const { server, target } = await findAgent(hosts, roster, agent.name, signal);
  if (!target) return "not sent: the agent is not running";
  const receipt = await sendText(io, server, target, checkMessage(text), {
    timeoutMs,
    before,
    runtime: agent.kind,
    isOverride: false,
    signal,
  });
  if (receipt.target.pane !== "") await noteMessage(server, receipt.target.pane, text, receipt);
  return told(await keepReceipt(io, receipt, text, { host: agent.host }));
}

function told({ outcome, reason, unkept }: RecordedReceipt): string {
  return `${outcome}${reason === undefined ? "" : `: ${reason}`}${
    unkept === undefined ? "" : `; not put on record: ${unkept}`
  }`;
}

async function readTemplate(io: Io, { name, kickstartTemplate }: ResolvedAgent): Promise<string | undefined> {
  if (kickstartTemplate === undefined) return undefined;
  const bytes = await io.files.read(kickstartTemplate);
  if (bytes === undefined) {
    throw new MusterError("config", `no such file: ${visible(kickstartTemplate)} (kickstart_template of ${name})`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MusterError("config", `not UTF-8: ${visible(kickstartTemplate)}`, { cause });
  }
}
