/**
 * Opens a forge for one job: finds the repo, the token and the certificates, and makes the client.
 *
 * @module
 */

import type { ForgeKind } from "../config/forges_schema.ts";
import type { ForgeEntry } from "../config/read_forges.ts";
import { HttpClient } from "../http/mod.ts";
import type { Io } from "../io/mod.ts";
import { findRepo } from "./find_repo.ts";
import type { Forge } from "./forge.ts";
import { forgeToken } from "./forge_token.ts";
import { GiteaForge } from "./gitea.ts";
import { GithubForge } from "./github.ts";
import { GitlabForge } from "./gitlab.ts";
import { readAuthority } from "./read_authority.ts";

/** Options of {@linkcode openForge}. */
export interface OpenForgeOptions {
  /** `owner/repo`, or any spelling of a remote; by default the checkout's `origin`. */
  readonly repo?: string;
  /** The login; by default `$GITEA_LOGIN` and its like, then the forge's entry, then its program's default. */
  readonly login?: string;
  /** The checkout; muster's own working directory by default. */
  readonly cwd?: string;
  /** How long all of the job may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes what is waited for, and why. */
  readonly say?: (line: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** A forge that is open, its entry, and the login that asks. */
export interface OpenForge {
  /** The forge. */
  readonly forge: Forge;
  /** Its entry. */
  readonly entry: ForgeEntry;
  /** The login that asks, where it is known. */
  readonly login?: string;
}

/** The variable that names the login of a kind of forge. */
export const loginVariables: Readonly<Record<ForgeKind, string>> = {
  gitea: "GITEA_LOGIN",
  forgejo: "FORGEJO_LOGIN",
  github: "GITHUB_LOGIN",
  gitlab: "GITLAB_LOGIN",
};

/**
 * The forge of a repo, ready to be asked.
 *
 * @throws {MusterError} of code `usage` or `config` where repo, forge or token cannot be found: nothing was asked then.
 */
export async function openForge(io: Io, options: OpenForgeOptions): Promise<OpenForge> {
  const { cwd, timeoutMs, signal } = options;
  const find = (login: string | undefined) => findRepo(io, { repo: options.repo, login, cwd, timeoutMs, signal });
  let place = await find(options.login);
  // Which variable names the login depends on the forge, which is known only now.
  const login = options.login ?? (io.env.get(loginVariables[place.forge.kind]) || undefined);
  if (login !== options.login) place = await find(login);
  const { forge: entry, repo } = place;
  const { token, login: asked } = await forgeToken(io, entry, signal);
  const ca = entry.ca === undefined ? undefined : await readAuthority(io, entry.ca);
  const client = (baseUrl: string, more: { headers?: Record<string, string>; unknownWaitMs?: number } = {}) =>
    new HttpClient(io, { baseUrl, token, ca, timeoutMs, say: options.say, signal, ...more });
  const now = () => io.clock.now();
  const { url, kind } = entry;
  const known = asked === undefined ? {} : { login: asked };
  switch (kind) {
    case "github": {
      const { rest, graphqlUrl } = githubApi(url);
      const headers = { "X-GitHub-Api-Version": "2022-11-28" };
      return {
        entry,
        ...known,
        forge: new GithubForge({ repo, url, client: client(rest, { headers }), graphqlUrl, now }),
      };
    }
    case "gitlab":
      return { entry, ...known, forge: new GitlabForge({ repo, url, client: client(`${url}/api/v4`), now }) };
    default: {
      const forge = new GiteaForge({ kind, repo, url, client: client(`${url}/api/v1`, { unknownWaitMs: 1_000 }), now });
      return { entry, ...known, forge };
    }
  }
}

/** GitHub has its API on a host of its own, an enterprise server below its pages. */
function githubApi(url: string): { readonly rest: string; readonly graphqlUrl: string } {
  if (new URL(url).host !== "github.com") return { rest: `${url}/api/v3`, graphqlUrl: `${url}/api/graphql` };
  return { rest: "https://api.github.com", graphqlUrl: "https://api.github.com/graphql" };
}
