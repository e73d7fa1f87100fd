import type { Io } from "./io.ts";

/**
 * The same world with other environment variables, for what is read from it and for the programs that it runs. The demo
 * and the tests use it to give muster a home and a socket directory of its own.
 *
 * @example
 * ```ts
 * import { realIo } from "./real.ts";
 * import { withEnvironment } from "./with_environment.ts";
 *
 * const io = withEnvironment(realIo, { MUSTER_HOME: "/tmp/a" });
 * if (io.env.get("MUSTER_HOME") !== "/tmp/a") throw new Error("unreachable");
 * ```
 */
export function withEnvironment(io: Io, variables: Readonly<Record<string, string>>): Io {
  return {
    ...io,
    env: { get: (name) => Object.hasOwn(variables, name) ? variables[name] : io.env.get(name) },
    permissions: {
      // What is set here is not read from the process, and needs no permission of it.
      isGranted: (descriptor) =>
        descriptor.name === "env" && descriptor.variable !== undefined &&
          Object.hasOwn(variables, descriptor.variable) ||
        io.permissions.isGranted(descriptor),
    },
    process: {
      pid: io.process.pid,
      get deno() {
        return io.process.deno;
      },
      run: (command, args, options = {}) =>
        io.process.run(command, args, { ...options, env: { ...variables, ...options.env } }),
      attach: (command, args, options = {}) =>
        io.process.attach(command, args, { env: { ...variables, ...options.env } }),
      start: (command, args, options = {}) =>
        io.process.start(command, args, { ...options, env: { ...variables, ...options.env } }),
    },
  };
}
