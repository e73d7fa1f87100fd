/** A git remote, as far as it says where a repo is. */
export interface Remote {
  /** The host, in lower case, without its port. */
  readonly host: string;
  /** The port, where one is written. */
  readonly port?: string;
  /** How it is reached: the port of ssh says nothing of where the forge's pages are. */
  readonly scheme: "ssh" | "git" | "http" | "https";
  /** The path in segments, without `.git`. */
  readonly path: readonly string[];
}

const schemes: Readonly<Record<string, Remote["scheme"]>> = {
  "ssh": "ssh",
  "git+ssh": "ssh",
  "ssh+git": "ssh",
  "git": "git",
  "http": "http",
  "https": "https",
};

/**
 * Reads a remote in any of git's spellings: an address (ssh, https, http, git), or `[user@]host:path` as scp has it;
 * `undefined` for a path, a file address, or anything else that names no host.
 *
 * @example
 * ```ts
 * import { parseRemote } from "./remote.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(parseRemote("git@git.example.org:ada/tool.git"), {
 *   host: "git.example.org",
 *   scheme: "ssh",
 *   path: ["ada", "tool"],
 * });
 * assertEquals(parseRemote("https://git.example.org:3000/sub/ada/tool")?.port, "3000");
 * assertEquals(parseRemote("/srv/git/tool.git"), undefined);
 * ```
 */
export function parseRemote(text: string): Remote | undefined {
  const address = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^/@]*@)?(\[[^\]/]+\]|[^:/]*)(?::(\d*))?(?:\/(.*))?$/s.exec(text);
  if (address) {
    const [, name = "", host = "", port, path = ""] = address;
    const scheme = schemes[name.toLowerCase()];
    const segments = path.split(/[?#]/)[0]?.split("/").map(decode) ?? [];
    return scheme === undefined ? undefined : remote(host, port, scheme, segments);
  }
  // git takes what has a slash before the first colon for a path.
  const scp = /^(?:[^/:@]*@)?(\[[^\]/]+\]|[^/:[]+):(.*)$/s.exec(text);
  if (!scp || /^[A-Za-z][A-Za-z0-9+.-]*::/.test(text)) return undefined;
  const [, bracketed = "", path = ""] = scp;
  // `[host:port]:path` is scp's way to give a port.
  const withPort = /^\[([^:\]]+):(\d+)\]$/.exec(bracketed);
  return remote(withPort?.[1] ?? bracketed, withPort?.[2], "ssh", path.split("/"));
}

function remote(
  host: string,
  port: string | undefined,
  scheme: Remote["scheme"],
  segments: readonly string[],
): Remote | undefined {
  const path = segments.filter((segment) => segment !== "");
  const last = path.pop()?.replace(/\.git$/, "");
  if (last) path.push(last);
  if (host === "" || path.length === 0 || !/^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])$/.test(host)) return undefined;
  return { host: host.toLowerCase(), ...(port ? { port } : {}), scheme, path };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // not encoded, then
  }
}
