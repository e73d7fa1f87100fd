import { type Io, localHost, MusterError, visible } from "../../io/mod.ts";
import type { InstallRecord } from "./install_record.ts";
import { findProgramsScript, parsePrograms, type ProgramFile } from "./programs.ts";
import type { UnitStates } from "./supervisor.ts";
import { parseShow } from "./systemd.ts";
import { stateWords, unitStates } from "./systemd_units.ts";

/** What systemd says of the units, and what has changed since they were installed. */
export interface UnitLook extends UnitStates {
  /** Programs that are not what they were when the units were installed, a line each. */
  readonly warnings: readonly string[];
}

/** Options of {@linkcode lookAtUnits}. */
export interface UnitLookOptions {
  /** The PATH of whoever looks; a program that it finds elsewhere is told. */
  readonly path: string;
  /** Muster's version. */
  readonly version: string;
  /** Stops the look. */
  readonly signal?: AbortSignal;
}

/** Both questions in one process of sh, which becomes systemctl. */
const script = `${findProgramsScript}
XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}; export XDG_RUNTIME_DIR
path=$1 recorded=$2 count=$3; shift 3
names=; at=0
while [ $at -lt $count ]; do names="$names \\"\\\${$((at + 1))}\\""; at=$((at + 1)); done
eval "find_programs \\"\\$recorded\\" $names; echo; find_programs \\"\\$path\\" $names"; echo
shift "$count"
exec systemctl --user "$@"`;

/** Looks at the units of a record, in one call of systemctl however many they are. */
export async function lookAtUnits(
  io: Io,
  record: InstallRecord,
  names: readonly string[],
  options: UnitLookOptions,
): Promise<UnitLook> {
  const programs = [...record.programs.map(({ name }) => name), record.muster.command[0] ?? ""];
  const words = [options.path, record.path, String(programs.length), ...programs, ...stateWords(names)];
  const { code, stdout, stderr } = await localHost(io).run("sh", ["-c", script, "sh", ...words], {
    signal: options.signal,
  });
  if (code !== 0) {
    const said = visible(stderr.trim().split("\n").at(-1) ?? "") || `it ended with status ${code}`;
    throw new MusterError("failed", `systemd refused: ${said}`, { command: "systemctl --user show" });
  }
  const [recorded = "", found = "", ...shown] = splitAnswers(stdout, programs.length);
  const states = unitStates(names, parseShow(shown.join("\n\n")));
  const now = parsePrograms(recorded, programs);
  const here = parsePrograms(found, programs);
  return { ...states, warnings: changes(record, now, here, options) };
}

/** Each of the first two answers begins with so many lines, of which some may be empty, and ends with an empty one. */
function splitAnswers(printed: string, count: number): string[] {
  const lines = printed.split("\n");
  const take = () => {
    const head = lines.splice(0, count);
    const end = lines.indexOf("");
    const facts = lines.splice(0, end + 1);
    return [...head, ...facts].join("\n");
  };
  return [take(), take(), lines.join("\n")];
}

function changes(
  record: InstallRecord,
  now: readonly ProgramFile[],
  here: readonly ProgramFile[],
  { version }: UnitLookOptions,
): string[] {
  const again = "muster fleet install takes it as it is now";
  const warnings = record.programs.flatMap((program, at): string[] => {
    const found = now[at];
    const elsewhere = here[at];
    if (!found?.path) return [`${program.name} is gone: it was ${program.path} when the units were installed`];
    if (found.path !== program.path) {
      return [`${program.name} is another program in the units' PATH: ${found.path}, not ${program.path}; ${again}`];
    }
    if (found.size !== program.size || found.modifiedAt !== program.modifiedAt) {
      const was = program.version ? ` (it was ${program.version})` : "";
      return [`${program.path} has changed since the units were installed${was}; ${again}`];
    }
    if (elsewhere?.path && elsewhere.path !== program.path) {
      return [`${program.name} is ${elsewhere.path} here, and ${program.path} in the units; ${again}`];
    }
    if (program.unproved !== undefined) {
      return [`${program.name} is ${program.version}, which muster was not proved with: ${program.unproved} was`];
    }
    return [];
  });
  const own = now.at(-1);
  return [
    ...warnings,
    ...(own?.path ? [] : [`what runs muster for the units is gone: ${record.muster.command[0]}; ${again}`]),
    ...(record.muster.version === version
      ? []
      : [`muster was ${record.muster.version} when the units were installed, and is ${version}; ${again}`]),
  ].map((line) => visible(line));
}
