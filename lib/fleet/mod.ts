/** The fleet: its roster, and its agents' start, stop and state. @module */
export * from "./await_agents.ts";
export * from "./check_files.ts";
export * from "./find_agent.ts";
export * from "./fleet_places.ts";
export * from "./fleet_status.ts";
export * from "./remote_agents.ts";
export * from "./roster.ts";
export * from "./secrets.ts";
export * from "./select_agents.ts";
export * from "./send_to_agents.ts";
export * from "./skill_places.ts";
export * from "./start_fleet.ts";
export * from "./start_on_hosts.ts";
export * from "./stop_fleet.ts";
export * from "./stop_on_hosts.ts";
export * from "./unapplied_keys.ts";
