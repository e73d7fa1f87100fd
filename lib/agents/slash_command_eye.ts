import { composerEye } from "./composer_eye.ts";
import type { Eye, Fate } from "./eye.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";

/**
 * Sees a command of the agent program's own, such as `/compact`. It is taken when it has left the composer: many commands
 * say nothing, some clear all that was said, and some open a dialog.
 */
export function slashCommandEye(runtime: Runtime, command: string): Eye {
  const eye = composerEye(runtime, command);
  return {
    ...eye,
    fate(view): Fate {
      const { state, composer } = runtime.read(screenOf(view));
      if (state === "dialog" || composer === "") return eye.fate(view) === "queued" ? "queued" : "taken";
      return eye.fate(view) === "standing" ? "standing" : "unclear";
    },
  };
}
