import type { TmuxServer } from "./server.ts";

/**
 * Pastes text into a pane, byte for byte, as one bracketed paste where the program asked for them. The buffer has a name
 * of its own, since tmux's buffers are global, and is gone afterwards.
 */
export async function pasteText(
  server: TmuxServer,
  paneId: string,
  buffer: string,
  text: string,
  signal?: AbortSignal,
): Promise<void> {
  await server.run([
    ["load-buffer", "-b", buffer, "-"],
    ["paste-buffer", "-dpr", "-b", buffer, "-t", paneId],
  ], { stdin: text, signal });
}

/**
 * Whether the pane's terminal hands its program whole lines, of which it keeps 4,095 bytes each (Linux, `N_TTY_BUF_SIZE`)
 * and drops the rest, echoed or not; `undefined` where that cannot be told. stty looks, on the pane's own host.
 */
export async function readsLines(server: TmuxServer, paneId: string): Promise<boolean | undefined> {
  const look = 'stty -a <"#{pane_tty}" | grep -q -e "-icanon"';
  const words = ["if-shell", "-t", paneId, look, "display-message -p raw", "display-message -p lines"];
  try {
    const printed = await server.run([words], { signal: AbortSignal.timeout(2_000) });
    return printed.trim() === "lines";
  } catch (error) {
    // tmux before 3.6 misses the end of some of its jobs, and then the call hangs.
    if (error instanceof DOMException && error.name === "TimeoutError") return undefined;
    throw error;
  }
}

/** Presses Enter in a pane. */
export async function pressEnter(server: TmuxServer, paneId: string, signal?: AbortSignal): Promise<void> {
  await server.run([["send-keys", "-t", paneId, "Enter"]], { signal });
}
