/** What is done once a wait is over: a message to an agent, a command. @module */

import { readRoster, selectAgents, sendToAgents } from "../../lib/fleet/mod.ts";
import { type Io, MusterError } from "../../lib/io/mod.ts";
import { type ExitStatus, exitStatusOf } from "../../lib/task/mod.ts";
import { openHosts } from "../_hosts.ts";
import { waitExit, type WaitOutput } from "./_wait.ts";

/** What is to be done. */
export interface Afterwards {
  readonly notify: readonly string[];
  readonly exec?: string;
}

type After = NonNullable<WaitOutput["after"]>;

/** What those hear who wait for the end of a wait. */
export interface Ending {
  /** How it ended; of a wait that failed, the error's code. */
  readonly outcome: string;
  /** The exit status. */
  readonly exit: ExitStatus;
  /** All of it in one message. */
  readonly text: string;
  readonly repo: string;
  readonly sha: string;
  readonly numbers: readonly number[];
  readonly url: string;
}

/** What a wait came to. */
export function endingOf(output: WaitOutput): Ending {
  const { outcome, repo, sha, pipelines } = output;
  const told = pipelines.find((one) => one.class === "bad") ?? pipelines[0];
  return {
    outcome,
    exit: waitExit(output),
    text: describe(output),
    repo,
    sha: sha ?? pipelines[0]?.sha ?? "",
    numbers: pipelines.map(({ number }) => number),
    url: told?.url ?? "",
  };
}

/** What a wait that failed came to: whoever waits for its outcome is not to wait for ever. */
export function failedEnding(
  error: unknown,
  { repo, number, sha }: { readonly repo?: string; readonly number: readonly number[]; readonly sha?: string },
): Ending {
  const { code, message, hint } = error instanceof MusterError ? error : new MusterError("internal", String(error));
  return {
    outcome: code,
    exit: exitStatusOf(error),
    text: [
      `CI of ${repo ?? "this checkout"}: not known, as the wait failed: ${message}`,
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ].join("\n"),
    repo: repo ?? "",
    sha: sha ?? "",
    numbers: number,
    url: "",
  };
}

/** Does what was asked for, and says what came of each; none keeps the others from being done. */
export async function doAfter(
  io: Io,
  ending: Ending,
  { notify, exec }: Afterwards,
  signal: AbortSignal,
): Promise<After> {
  const done: After = [];
  const attempt = async (what: After[number]["what"], job: () => Promise<{ ok: boolean; detail: string }>) => {
    try {
      done.push({ what, ...await job() });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MusterError)) throw error;
      done.push({ what, ok: false, detail: error.message });
    }
  };
  for (const agent of new Set(notify)) await attempt("notify", () => notifyAgent(io, agent, ending.text, signal));
  if (exec !== undefined) await attempt("exec", () => runCommand(io, exec, ending, signal));
  return done;
}

/** Whether agents can be found: a wrong name is told before an hour of waiting, not after it. */
export async function checkAgents(io: Io, agents: readonly string[]): Promise<void> {
  if (agents.length > 0) selectAgents(await readRoster(io), agents);
}

/** The outcome in one message. */
function describe({ outcome, repo, sha, pipelines, reason }: WaitOutput): string {
  const commit = sha === undefined ? "" : ` at ${sha.slice(0, 10)}`;
  const rows = pipelines.map(({ number, name, status, url, failed }) => {
    const where = failed?.step ? ` in ${failed.step}` : "";
    return `- ${[name, number].filter(Boolean).join(" ")}: ${status}${where} ${url}`.trimEnd();
  });
  return [`CI of ${repo}${commit}: ${outcome}${reason === undefined ? "" : ` (${reason})`}`, ...rows].join("\n");
}

async function notifyAgent(io: Io, name: string, text: string, signal: AbortSignal) {
  await using hosts = openHosts(io);
  const [receipt] = await sendToAgents(io, hosts, selectAgents(await readRoster(io), [name]), plain(text), { signal });
  if (!receipt) throw new MusterError("internal", `no receipt for ${name}`);
  const ok = receipt.outcome === "submitted" || receipt.outcome === "queued";
  return { ok, detail: `${name}: ${receipt.outcome}${receipt.reason ? `: ${receipt.reason}` : ""}` };
}

/** What a forge calls things may hold what would act as a key. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what is taken out
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "�");
}

/** Linux takes no variable of 128 KiB; a character is up to three bytes. */
const longestVariable = 40_000;

async function runCommand(io: Io, command: string, ending: Ending, signal: AbortSignal) {
  const told = {
    MUSTER_CI_OUTCOME: ending.outcome,
    MUSTER_CI_EXIT: String(ending.exit),
    MUSTER_CI_REPO: ending.repo,
    MUSTER_CI_SHA: ending.sha,
    MUSTER_CI_NUMBERS: ending.numbers.join(" "),
    MUSTER_CI_URL: ending.url,
    MUSTER_CI_MESSAGE: ending.text,
  };
  const env = Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, plain(value).slice(0, longestVariable)]),
  );
  const { code, stdout, stderr } = await io.process.run("sh", ["-c", command], { env, signal });
  io.terminal.err(stdout + stderr);
  return { ok: code === 0, detail: `status ${code}: ${command}` };
}
