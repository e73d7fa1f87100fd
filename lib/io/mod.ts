/** The seam to the world: one {@linkcode Io}, a real one and one for tests. @module */
export * from "./byte_length.ts";
export * from "./error.ts";
export * from "./host.ts";
export * from "./host_error.ts";
export * from "./host_until.ts";
export * from "./hosts.ts";
export * from "./io.ts";
export * from "./network_error.ts";
export * from "./permission.ts";
export * from "./poll.ts";
export * from "./real.ts";
export * from "./ssh_destination.ts";
export * from "./ssh_host.ts";
export * from "./terminal_links.ts";
export * from "./visible.ts";
export * from "./with_environment.ts";
