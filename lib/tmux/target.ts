import { MusterError, visible } from "../io/mod.ts";
import type { Pane } from "./pane.ts";

/** A pane, addressed exactly. */
export type Target =
  | { readonly paneId: string }
  | { readonly session: string; readonly window?: string; readonly pane?: string };

/**
 * Reads a target: `name`, `=name`, `name:window`, `name:window.pane` or `%pane`. A name is never a prefix or a pattern.
 *
 * @throws {MusterError} of code `usage`.
 *
 * @example
 * ```ts
 * import { parseTarget, tmuxTarget } from "./target.ts";
 *
 * if (tmuxTarget(parseTarget("coder0")) !== "=coder0:") throw new Error("unreachable");
 * if (tmuxTarget(parseTarget("=coder0:1.2")) !== "=coder0:=1.2") throw new Error("unreachable");
 * ```
 */
export function parseTarget(text: string): Target {
  if (/^%\d+$/.test(text)) return { paneId: text };
  const name = text.startsWith("=") ? text.slice(1) : text;
  const colon = name.indexOf(":");
  const session = colon < 0 ? name : name.slice(0, colon);
  const rest = colon < 0 ? "" : name.slice(colon + 1);
  if (session === "") {
    throw new MusterError("usage", `not a target: ${visible(text) || '""'}`, {
      hint: "a target is name, =name, name:window.pane or %pane",
    });
  }
  const dot = rest.lastIndexOf(".");
  const window = dot < 0 ? rest : rest.slice(0, dot);
  const pane = dot < 0 ? "" : rest.slice(dot + 1);
  return { session, ...(window ? { window } : {}), ...(pane ? { pane } : {}) };
}

/** The target as a person writes it. */
export function targetText(target: Target): string {
  if ("paneId" in target) return target.paneId;
  const pane = target.pane === undefined ? "" : `.${target.pane}`;
  return target.session + (target.window === undefined && pane === "" ? "" : `:${target.window ?? ""}${pane}`);
}

/** The target in tmux's words, in which `=` keeps a name from matching a longer one. */
export function tmuxTarget(target: Target): string {
  if ("paneId" in target) return target.paneId;
  const pane = target.pane === undefined ? "" : `.${target.pane}`;
  return `=${target.session}:${target.window === undefined ? "" : `=${target.window}`}${pane}`;
}

/**
 * Whether a pane that tmux found is the one that was meant. tmux reads `=$1:` as a session's id and `:=+1` as an offset
 * whatever the `=` says, so its answer is held against the words.
 */
export function isTarget(target: Target, pane: Pane): boolean {
  if ("paneId" in target) return pane.id === target.paneId;
  return pane.session === target.session &&
    (target.window === undefined || [String(pane.windowIndex), pane.windowName].includes(target.window)) &&
    (target.pane === undefined || String(pane.paneIndex) === target.pane);
}
