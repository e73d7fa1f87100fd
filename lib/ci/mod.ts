/** CI: pipelines of any provider, the wait for them, and the guard before a push or a merge. @module */
export * from "./board.ts";
export * from "./failed_log.ts";
export * from "./forge_heads.ts";
export * from "./guard.ts";
export * from "./interval.ts";
export * from "./judge.ts";
export * from "./keep_stream.ts";
export * from "./open_provider.ts";
export * from "./pipeline.ts";
export * from "./provider.ts";
export * from "./state_directory.ts";
export * from "./statuses.ts";
export * from "./wait.ts";
export { lastLines } from "./_lines.ts";
export { isOutage } from "./_outage.ts";
