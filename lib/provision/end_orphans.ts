/**
 * Ends what a killed muster left running on the machine.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import type { Machine } from "./machine.ts";
import orphanScript from "./orphan.bash" with { type: "text" };
import type { StepRecord } from "./record.ts";
import sessionScript from "./session.bash" with { type: "text" };

/**
 * Waits until a step that was left to a kill is over, and ends it where it is not; whether anything of it ran.
 *
 * @throws {MusterError} of code `failed` where that cannot be seen to.
 */
export async function endOrphan(
  io: Pick<Io, "process">,
  machine: Machine,
  { supervisor, process }: StepRecord,
  graceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (supervisor === undefined) return false;
  const [program = "", ...args] = machine.bash();
  const fields = [
    `${sessionScript}\n${orphanScript}`,
    String(Math.ceil(graceMs / 1000)),
    ...[String(supervisor.pid), supervisor.start, process ? String(process.pid) : "", process?.start ?? ""],
  ];
  const stdin = fields.map((field) => `${field}\0`).join("");
  const { code, stdout, stderr } = await io.process.run(program, args, { stdin, signal });
  if (code === 0) return stdout.includes("ended");
  const said = visible(stderr.trim().split("\n").at(-1) ?? "");
  throw new MusterError("failed", `cannot see whether a step of before still runs: ${said || `exit ${code}`}`, {
    command: program,
  });
}
