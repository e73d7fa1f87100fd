import { type Io, MusterError } from "../io/mod.ts";
import type { TmuxServer } from "./server.ts";
import type { Target } from "./target.ts";
import { tmuxTarget } from "./target.ts";

/** Options of {@linkcode attachPane}. */
export interface AttachOptions {
  /** Whoever looks can type nothing. @default {false} */
  readonly readOnly?: boolean;
  /** Stops what comes before. */
  readonly signal?: AbortSignal;
}

/**
 * Shows a pane on this terminal, until the person leaves it. Inside the same tmux server its client switches to the pane;
 * inside another one, this pane becomes a client.
 */
export async function attachPane(
  io: Io,
  server: TmuxServer,
  target: Target,
  { readOnly = false, signal }: AttachOptions = {},
): Promise<"attached" | "switched"> {
  const words = tmuxTarget(target);
  const own = io.env.get("TMUX")?.split(",")[0];
  const path = (await server.run([["display-message", "-p", "#{socket_path}"]], { signal })).trimEnd();
  const flags = readOnly ? ["-r"] : [];
  if (own !== undefined && own === path) {
    await server.run([["switch-client", ...flags, "-t", words]], { signal });
    return "switched";
  }
  const select = [";", "select-window", "-t", words, ";", "select-pane", "-t", words];
  const code = await io.process.attach("tmux", [
    "-u",
    "-N",
    "-S",
    path,
    "attach-session",
    ...(readOnly ? ["-f", "read-only,ignore-size"] : []),
    "-t",
    words,
    ...(readOnly ? [] : select),
  ], { env: { TMUX: "", TMUX_PANE: "" } });
  if (code !== 0) throw new MusterError("failed", `tmux ended with status ${code}`, { command: "tmux attach-session" });
  return "attached";
}
