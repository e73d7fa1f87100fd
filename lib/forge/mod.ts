/** Forges: issues, pull requests and their links. @module */
export * from "./after_creating.ts";
export * from "./brief_lane.ts";
export * from "./check_created.ts";
export * from "./check_forges.ts";
export * from "./closing_references.ts";
export * from "./find_repo.ts";
export * from "./forge.ts";
export * from "./forge_token.ts";
export * from "./lane.ts";
export * from "./model.ts";
export * from "./named_numbers.ts";
export * from "./nearest_names.ts";
export * from "./open_forge.ts";
export * from "./read_authority.ts";
export * from "./read_lane.ts";
export * from "./remote.ts";
