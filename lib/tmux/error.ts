import { MusterError, visible } from "../io/mod.ts";

/** Why tmux refused. */
export type TmuxReason = "no_server" | "no_target" | "no_buffer" | "lost_server" | "refused";

/** tmux refused a command. */
export class TmuxError extends MusterError {
  /** Why. */
  readonly reason: TmuxReason;

  /** Creates the error that tmux's own words on a socket call for. */
  constructor(socket: string, words: string) {
    const reason = reasonOf(words);
    const said = visible(words.trim().split("\n")[0] ?? "");
    super(
      reason === "no_server" || reason === "no_target" ? "not_found" : "failed",
      reason === "no_server" ? `no tmux server on the socket: ${socket}` : `tmux refused: ${said || "without a word"}`,
      {
        command: "tmux",
        hint: reason === "no_server" ? "muster fleet start starts it" : hintOf(words),
      },
    );
    this.reason = reason;
  }
}

function reasonOf(words: string): TmuxReason {
  if (/no server running|error connecting to .*\((No such file|Connection refused)/.test(words)) return "no_server";
  if (/can't find (session|window|pane)|no such (session|window|pane)|no current target/.test(words)) {
    return "no_target";
  }
  if (/^(no|unknown) buffer/.test(words)) return "no_buffer";
  if (/server exited|lost server/.test(words)) return "lost_server";
  return "refused";
}

function hintOf(words: string): string | undefined {
  if (/unsafe permissions/.test(words)) return "others may write there: chmod 700 that directory";
  if (/(error creating|couldn't create directory|error connecting to) .*|is not a directory/.test(words)) {
    return "tmux keeps its sockets in $TMUX_TMPDIR, or /tmp: make that directory writable";
  }
}
