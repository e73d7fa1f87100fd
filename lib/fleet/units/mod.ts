/** The fleet's units: what keeps its agents running when nobody looks. @module */
export * from "./ends.ts";
export * from "./install_record.ts";
export * from "./install_units.ts";
export * from "./launch_agent.ts";
export * from "./look_at_units.ts";
export * from "./place.ts";
export * from "./programs.ts";
export * from "./sessions.ts";
export * from "./supervisor.ts";
export * from "./systemd.ts";
export * from "./systemd_units.ts";
export * from "./uninstall_units.ts";
