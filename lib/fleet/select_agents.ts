import { didYouMean } from "../config/did_you_mean.ts";
import { MusterError, visible } from "../io/mod.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";

/**
 * The agents of the roster that are named, in the roster's order; all of them where none is named.
 *
 * @throws {MusterError} of code `not_found` for a name that the roster does not have.
 */
export function selectAgents(roster: Roster, names: readonly string[]): readonly ResolvedAgent[] {
  const known = roster.agents.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw new MusterError("not_found", `no such agent: ${visible(name) || '""'}`, {
        hint: didYouMean(name, known, (near) => near) ?? `the roster has ${known.join(", ") || "no agents"}`,
      });
    }
  }
  return names.length === 0 ? roster.agents : roster.agents.filter(({ name }) => names.includes(name));
}

/**
 * The agents of a class, in the roster's order.
 *
 * @throws {MusterError} of code `not_found` where no agent has it.
 */
export function selectClass(roster: Roster, wanted: string): readonly ResolvedAgent[] {
  const chosen = roster.agents.filter((agent) => agent.class === wanted);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(roster.agents.flatMap((agent) => agent.class ?? []))];
  throw new MusterError("not_found", `no agent of the class: ${visible(wanted) || '""'}`, {
    hint: didYouMean(wanted, known, (near) => near) ?? `the roster has ${known.join(", ") || "no classes"}`,
  });
}
