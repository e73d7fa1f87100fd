import type { Runtime } from "./runtime.ts";

/**
 * Any program that takes typed text. Nothing is known of its screen, so its state is `unknown` and a message is seen by
 * its echo.
 */
export const commandRuntime: Runtime = {
  kind: "command",
  readsScreen: false,
  read: () => ({ state: "unknown" }),
};
