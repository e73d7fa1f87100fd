import { type Program, type ProgramKind, programs } from "./programs.ts";

/** The programs that a run is about: `--agent KIND`, and those that CI runs where it is left out. */
export function chosenPrograms(args: readonly string[] = Deno.args): readonly Program[] {
  const at = args.indexOf("--agent");
  const kinds: readonly string[] = at < 0 ? ["pi", "codex"] : [args[at + 1] ?? ""];
  const unknown = kinds.find((kind) => !Object.hasOwn(programs, kind));
  if (unknown !== undefined) {
    throw new Error(`Cannot run the agent "${unknown}": expected one of ${Object.keys(programs).join(", ")}`);
  }
  return kinds.map((kind): Program => programs[kind as ProgramKind]);
}
