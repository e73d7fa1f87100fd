import { runtimeOf } from "../agents/mod.ts";
import type { Roster } from "./resolve_roster.ts";

/** A place where agents look for skills. */
export interface SkillPlace {
  /** The kinds of program that look there. */
  readonly kinds: readonly string[];
  /** Below the home directory, without a slash at either end. */
  readonly directory: string;
}

/** Where the programs of a roster's agents on this host look for a person's skills. */
export function skillPlaces({ agents }: Pick<Roster, "agents">): SkillPlace[] {
  const places = new Map<string, Set<string>>();
  for (const { kind, host } of agents) {
    const { skillsDirectory } = runtimeOf(kind);
    if (skillsDirectory === undefined || host !== undefined) continue;
    places.set(skillsDirectory, (places.get(skillsDirectory) ?? new Set()).add(kind));
  }
  return [...places].map(([directory, kinds]) => ({ directory, kinds: [...kinds].sort() }));
}
