/** Forges: issues, pull requests and their links. @module */
export * from "./check_forges.ts";
export * from "./find_repo.ts";
export * from "./read_authority.ts";
export * from "./remote.ts";
