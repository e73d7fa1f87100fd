import { type Io, localHost } from "../io/mod.ts";
import { isTargetMissing } from "./look.ts";
import { TmuxServer } from "./server.ts";

/** The session that this program runs in. */
export interface OwnSession {
  /** The host that its server runs on. */
  readonly host: string;
  /** Its name. */
  readonly session: string;
  /** Its server's process, where that was asked for. */
  readonly serverPid?: number;
}

/**
 * The session that this program runs in, on the socket that it lives in (`$TMUX`, `$TMUX_PANE`), whatever socket it
 * sends to; `undefined` outside tmux.
 */
export async function ownSession(io: Io, signal?: AbortSignal): Promise<OwnSession | undefined> {
  const socket = io.env.get("TMUX")?.split(",")[0];
  const pane = io.env.get("TMUX_PANE");
  if (!socket?.startsWith("/") || !/^%\d+$/.test(pane ?? "")) return undefined;
  try {
    const format = "#{host}\t#{session_name}\t#{pid}";
    const printed = await new TmuxServer(localHost(io), socket).run([[
      "display-message",
      "-p",
      "-t",
      pane ?? "",
      format,
    ]], {
      signal,
    });
    const [host = "", session = "", pid] = printed.trimEnd().split("\t");
    return { host, session, serverPid: Number(pid) };
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
}
