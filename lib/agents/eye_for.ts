import { composerEye } from "./composer_eye.ts";
import { echoEye } from "./echo_eye.ts";
import type { Eye } from "./eye.ts";
import type { Runtime } from "./runtime.ts";

/** How a message is seen to come and go in a pane of a runtime. */
export function eyeFor(runtime: Runtime, message: string): Eye {
  return runtime.readsScreen ? composerEye(runtime, message) : echoEye(message);
}
