import { z } from "../../deps/zod.ts";
import type { Io } from "../../io/mod.ts";
import { unitPlace } from "./place.ts";

/** Why an agent ended, as agent-end.sh writes it. */
export const endCauses = ["exit", "failed", "memory", "start", "server", "stopped", "shutdown"] as const;

const end = z.object({
  at: z.number(),
  run: z.string().default(""),
  cause: z.enum(endCauses),
  status: z.int().nullable(),
  pid: z.int(),
  ranMs: z.number(),
  lines: z.array(z.string()).readonly(),
});

/**
 * How an agent ended: when, which run of its unit, why, its exit status where it was seen, its process, and the last lines
 * of its screen.
 */
export type AgentEnd = z.output<typeof end>;

/** The file in which an agent's ends are written, a line each. */
export function endsPath(env: Io["env"], name: string): string {
  return `${unitPlace(env).fleet}/agents/${name}/ends.jsonl`;
}

/** The ends of an agent, the oldest first; a line that was cut short by a crash is none. */
export async function readEnds(io: Pick<Io, "files" | "env">, name: string): Promise<AgentEnd[]> {
  const bytes = await io.files.read(endsPath(io.env, name));
  if (bytes === undefined) return [];
  return new TextDecoder().decode(bytes).split("\n").flatMap((line) => {
    try {
      const checked = end.safeParse(JSON.parse(line));
      return checked.success ? [checked.data] : [];
    } catch {
      return []; // cut short
    }
  });
}

/** How many times in a row an agent has failed. */
export async function readFailures(io: Pick<Io, "files" | "env">, name: string): Promise<number> {
  const bytes = await io.files.read(`${unitPlace(io.env).fleet}/agents/${name}/failures`);
  return bytes === undefined ? 0 : Number(new TextDecoder().decode(bytes).trim()) || 0;
}

/** Words by which agent programs say that nobody is logged in, or that a key does not hold. */
const loginWords =
  /\b(log ?in|logged out|sign in|api[ _-]?key|unauthori[sz]ed|authentication|credentials?|(token|session) (has )?expired|401|403)\b/i;

/**
 * What failed, for a person: the login, where the program's last words say so; else the command.
 *
 * @example
 * ```ts
 * import { failureOf } from "./ends.ts";
 *
 * const lines = ["Invalid API key · Please run /login"];
 * const end = { at: 0, run: "", cause: "failed", status: 1, pid: 7, ranMs: 9, lines } as const;
 * const said = failureOf(end, "claude");
 * if (said !== "the login of claude fails: Invalid API key · Please run /login") throw new Error(said);
 * ```
 */
export function failureOf(end: AgentEnd, program: string): string {
  const login = end.lines.findLast((line) => loginWords.test(line));
  if (login !== undefined) return `the login of ${program} fails: ${login.trim()}`;
  const last = end.lines.at(-1)?.trim();
  return `${program} ${howItEnded(end)}${last ? `: ${last}` : ""}`;
}

/** How an agent ended, in words. */
export function howItEnded({ cause, status }: AgentEnd): string {
  switch (cause) {
    case "memory":
      return "ran out of its memory_max";
    case "server":
      return "ended with the tmux server";
    case "stopped":
      return "was stopped";
    case "shutdown":
      return "was stopped by systemd";
    case "start":
      return "could not be started";
    default:
      if (status === null) return "was killed";
      return status > 128 && status < 165 ? `ended by signal ${status - 128}` : `ended with status ${status}`;
  }
}
