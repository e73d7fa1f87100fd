/**
 * Runs a script on a machine, in a session of its own that is ended as a whole: when time is out, when a person interrupts,
 * and when muster itself is killed.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Child, Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import sessionScript from "./session.bash" with { type: "text" };
import supervisorScript from "./supervisor.bash" with { type: "text" };
import type { Script } from "./step.ts";

/** A process of a machine, told from a later one of the same number. */
export interface MachineProcess {
  /** Its number. */
  readonly pid: number;
  /** When it began, as its system says it. */
  readonly start: string;
}

/** Options of {@linkcode runScript}. */
export interface RunScriptOptions {
  /** How bash on the machine is run: see `Machine.bash`. */
  readonly bash: readonly string[];
  /** Where the script runs, on the machine. */
  readonly directory: string;
  /** Variables for it. They never stand in an argument list. */
  readonly variables: Readonly<Record<string, string>>;
  /** The longest that it may take; no limit where left out. */
  readonly timeoutMs?: number;
  /** How long what it started may take to end after SIGTERM. */
  readonly graceMs: number;
  /** Called, and awaited, when all is ready and before the script runs: what it writes is there before the first effect. */
  readonly onReady?: (supervisor: MachineProcess) => Promise<void>;
  /** Called when the script runs. */
  readonly onBegun?: (process: MachineProcess) => Promise<void>;
  /** Takes what the script prints, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Ends the script. */
  readonly signal: AbortSignal;
}

/** How a script ended. */
export interface ScriptEnd {
  /** Whether it ran to its end, and well. */
  readonly result: "ok" | "failed" | "interrupted";
  /** Its exit status; -1 where nobody saw it. */
  readonly code: number;
  /** Why it is not `ok`; left out where somebody interrupted it. */
  readonly reason?: string;
  /** How many processes it left running. */
  readonly left: number;
}

/** How long what a supervisor printed may take to come once it has ended. */
const lostMs = 1_000;

/** What the machine has to answer within, beyond what a script may take. */
const answerMs = 60_000;

/**
 * Runs a script to its end.
 *
 * @throws {MusterError} of code `failed` where the machine cannot be reached; then the script has not run.
 */
export async function runScript(io: Io, script: Script, options: RunScriptOptions): Promise<ScriptEnd> {
  const { bash, signal, graceMs, timeoutMs } = options;
  signal.throwIfAborted();
  const [program = "", ...args] = bash;
  const nonce = crypto.randomUUID();
  await using child = io.process.start(program, args, { detached: true });
  const errors = lastWords(child);
  await child.write(`${sessionScript}\n${supervisorScript}\0`);
  await child.write(specification(script, options, nonce));

  const over = new AbortController();
  const lost = new AbortController();
  // A supervisor that was killed says nothing more, and what it ran may keep its output open: then all that came has come
  // soon. The end of its input ends what it ran.
  void child.status.then(async () => {
    await child.close();
    io.clock.delay(lostMs, over.signal).then(() => lost.abort(), () => {});
  });
  let stopped: "time" | "signal" | undefined;
  const stop = (why: "time" | "signal") => {
    if (stopped !== undefined) return;
    stopped = why;
    void child.write("stop\n");
    // A machine that does not answer any more is not waited for for ever.
    io.clock.delay(graceMs + answerMs, over.signal).then(() => child.kill("SIGKILL"), () => {});
  };
  const abort = () => stop("signal");
  signal.addEventListener("abort", abort, { once: true });
  let begun = false;
  let end: { code: number; stopped: boolean; left: number } | undefined;
  try {
    for await (const part of parts(child.stdout, nonce, lost.signal)) {
      if (typeof part === "string") {
        options.onOutput(part);
        continue;
      }
      const [word, ...rest] = part.words;
      if (word === "ready") {
        await options.onReady?.(processOf(rest));
        if (signal.aborted) break;
        await child.write("go\n");
        begun = true;
        if (timeoutMs !== undefined) io.clock.delay(timeoutMs, over.signal).then(() => stop("time"), () => {});
      } else if (word === "begun") await options.onBegun?.(processOf(rest));
      else if (word === "end") {
        end = { code: Number(rest[0]), stopped: rest[1] === "1", left: Number(rest[2]) };
        break;
      }
    }
  } finally {
    // Whatever went wrong here: the supervisor sees the end of its input, and ends the step.
    if (begun && end === undefined) await settled(io, child, graceMs + answerMs);
    over.abort();
    signal.removeEventListener("abort", abort);
  }
  if (end === undefined) {
    if (signal.aborted && !begun) return { result: "interrupted", code: -1, left: 0 };
    const said = await errors;
    if (!begun) {
      throw new MusterError("failed", `cannot run anything on the machine: ${said || `${program} ended`}`, {
        command: program,
      });
    }
    return { result: "interrupted", code: -1, reason: `the machine was lost${said ? `: ${said}` : ""}`, left: 0 };
  }
  // What the step left running may keep the way to the machine open.
  if (end.left === 0) await settled(io, child, 2_000);
  const { code, left } = end;
  if (stopped === "signal") return { result: "interrupted", code, left };
  if (stopped === "time") {
    return { result: "failed", code, reason: `took longer than ${asDeclared(timeoutMs ?? 0)}`, left };
  }
  if (code === 0) return { result: "ok", code, left };
  return { result: "failed", code, reason: code > 128 ? `ended by signal ${code - 128}` : `exit ${code}`, left };
}

/** A duration as somebody declares it: `20m`, `90s`, `250ms`. */
function asDeclared(ms: number): string {
  const [unit, inMs] = ([["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const).find(([, one]) => ms % one === 0) ??
    ["ms", 1];
  return `${ms / inMs}${unit}`;
}

function specification(script: Script, { directory, variables, graceMs }: RunScriptOptions, nonce: string): string {
  const pairs = Object.entries(variables);
  const before = script.path === "" ? script.before : [...script.before, script.path];
  const text = script.text === "" ? ["", ""] : ["step.sh", script.text];
  const { after } = script;
  const graceSeconds = String(Math.ceil(graceMs / 1000));
  const fields = [
    ...[nonce, directory, graceSeconds, String(pairs.length), ...pairs.flat()],
    ...[String(before.length), ...before, ...text, String(after.length), ...after],
  ];
  return fields.map((field) => `${field}\0`).join("");
}

function processOf([pid = "", start = ""]: readonly string[]): MachineProcess {
  return { pid: Number(pid), start };
}

/** The last line that the way to the machine itself said: ssh, podman. */
async function lastWords(child: Child): Promise<string> {
  let text = "";
  try {
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) text = (text + piece).slice(-4096);
  } catch {
    // The way is closed: what was said by then is all there is.
  }
  return visible(text.trim().split("\n").at(-1) ?? "");
}

/** Lets the supervisor end by itself; disposing of it ends one that does not. */
async function settled(io: Io, child: Child, withinMs: number): Promise<void> {
  await child.close();
  const over = new AbortController();
  const late = io.clock.delay(withinMs, over.signal).catch(() => {});
  await Promise.race([child.status, late]);
  over.abort();
}

/** The output of a script, and between it what its supervisor tells. */
async function* parts(
  stream: ReadableStream<Uint8Array>,
  nonce: string,
  lost: AbortSignal,
): AsyncGenerator<string | { readonly words: readonly string[] }> {
  const mark = `\0${nonce} `;
  let held = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream()).pipeThrough(untilAborted(lost))) {
    held += piece;
    while (held !== "") {
      const at = held.indexOf(mark);
      if (at < 0) {
        const keep = partial(held, mark);
        if (keep > 0) yield held.slice(0, keep);
        held = held.slice(keep);
        break;
      }
      if (at > 0) yield held.slice(0, at);
      const end = held.indexOf("\0", at + mark.length);
      held = held.slice(at);
      if (end < 0) break;
      yield { words: held.slice(mark.length, end - at).split(" ") };
      held = held.slice(end - at + 1);
    }
  }
  if (held !== "") yield held;
}

/** A stream that ends when the signal aborts. */
function untilAborted(signal: AbortSignal): TransformStream<string, string> {
  return new TransformStream({
    start(controller) {
      signal.addEventListener("abort", () => controller.terminate(), { once: true });
    },
  });
}

/** Where a text ends that may go on as the mark. */
function partial(text: string, mark: string): number {
  const from = Math.max(0, text.length - mark.length + 1);
  for (let at = text.indexOf("\0", from); at >= 0; at = text.indexOf("\0", at + 1)) {
    if (mark.startsWith(text.slice(at))) return at;
  }
  return text.length;
}
