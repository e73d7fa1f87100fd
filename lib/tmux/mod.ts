/** A tmux server: exact targets, one-call listings, capture, paste. @module */
export * from "./attach.ts";
export * from "./batched_server.ts";
export * from "./error.ts";
export * from "./look.ts";
export * from "./own_session.ts";
export * from "./pane.ts";
export * from "./pane_lease.ts";
export * from "./pane_mark.ts";
export * from "./server.ts";
export * from "./tail.ts";
export * from "./target.ts";
export * from "./type.ts";
