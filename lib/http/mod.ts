/** JSON over HTTP for forges and CI servers. @module */
export * from "./client.ts";
export * from "./event_stream.ts";
export * from "./http_error.ts";
export * from "./link_header.ts";
export * from "./pages.ts";
export * from "./parse_answer.ts";
export * from "./path.ts";
export * from "./rate_limit.ts";
export * from "./read_token.ts";
export * from "./side_by_side.ts";
export * from "./together.ts";
