/**
 * The roster: the declared fleet, from `$MUSTER_HOME/fleet/roster.toml`. This file is its face and only re-exports.
 *
 * @module
 */
export { readRoster } from "./read_roster.ts";
export { type ResolvedAgent, resolveRoster, type Roster } from "./resolve_roster.ts";
export { rosterJsonSchema } from "./roster_json_schema.ts";
