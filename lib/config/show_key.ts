/**
 * Names a key of a TOML file in an error message.
 *
 * @module
 */
import { quoted } from "./quoted.ts";

const BARE = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * The path of a key as TOML writes it, with the index of an array's element, from 0, in brackets.
 *
 * @example A key of the third agent, and one that is not a bare key
 * ```ts
 * import { showKey } from "./show_key.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(showKey(["agents", 2, "class"]), "agents[2].class");
 * assertEquals(showKey(["env", "a.b"]), 'env."a.b"');
 * ```
 */
export function showKey(path: readonly PropertyKey[]): string {
  let shown = "";
  for (const part of path) {
    if (typeof part === "number") {
      shown += `[${part}]`;
      continue;
    }
    const name = String(part);
    shown += (shown === "" ? "" : ".") + (BARE.test(name) ? name : quoted(name));
  }
  return shown;
}
