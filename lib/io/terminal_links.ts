/**
 * Whether a terminal is known to take links (OSC 8), by the variables that terminals set. One that does not know them
 * mostly hides them, but some print them: so the unknown gets none.
 *
 * @example
 * ```ts
 * import { terminalHasLinks } from "./terminal_links.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(terminalHasLinks((name) => ({ TERM_PROGRAM: "WezTerm" })[name]), true);
 * assertEquals(terminalHasLinks((name) => ({ TERM: "xterm-256color" })[name]), false);
 * ```
 */
export function terminalHasLinks(get: (name: string) => string | undefined): boolean {
  const term = get("TERM") ?? "";
  if (term === "dumb" || term === "linux") return false;
  const program = get("TERM_PROGRAM") ?? "";
  // tmux passes them on since 3.4.
  if (program === "tmux") {
    const [, major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(get("TERM_PROGRAM_VERSION") ?? "") ?? [];
    return Number(major) * 100 + Number(minor) >= 304;
  }
  // libvte takes them since 0.50.
  if (Number(get("VTE_VERSION") ?? 0) >= 5000) return true;
  if (["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"].includes(program)) return true;
  return get("KITTY_WINDOW_ID") !== undefined || get("WT_SESSION") !== undefined ||
    /^(?:xterm-kitty|xterm-ghostty|foot|alacritty|contour)/.test(term);
}

/** The variables that {@linkcode terminalHasLinks} looks at. */
export const linkVariables = [
  "TERM",
  "TERM_PROGRAM",
  "TERM_PROGRAM_VERSION",
  "VTE_VERSION",
  "KITTY_WINDOW_ID",
  "WT_SESSION",
] as const;
