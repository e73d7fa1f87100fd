/** The typed task runner: define, parse, run, render. @module */
export * from "./call.ts";
export * from "./define.ts";
export * from "./duration.ts";
export * from "./exit.ts";
export { flag } from "./flag.ts";
export * from "./script.ts";
export {
  homeDirectory,
  homeVariables,
  type OptionalPermission,
  type Permissions,
  stateDirectory,
  stateVariables,
  unitDirectory,
} from "./permissions.ts";
export * from "./style.ts";
export { z } from "../deps/zod.ts";
