/** What the tasks that ask a forge have in common: the flags that name the repo, the permissions, the opening. @module */

import { loginVariables, type OpenForge, openForge } from "../lib/forge/mod.ts";
import { type Io, linkVariables } from "../lib/io/mod.ts";
import {
  duration,
  flag,
  homeDirectory,
  homeVariables,
  type Job,
  type OptionalPermission,
  type Permissions,
  stateDirectory,
  stateVariables,
  z,
} from "../lib/task/mod.ts";

/** The flags that name a repo and who asks. */
export const forgeFields = {
  repo: flag(z.string().describe("The repo, by default that of the checkout's origin").optional(), {
    short: "r",
    placeholder: "OWNER/REPO",
  }),
  login: flag(z.string().describe("The login, where the forge has several").optional(), {
    short: "L",
    placeholder: "LOGIN",
  }),
  timeout: flag(duration("30s").describe("How long all of it may take"), { placeholder: "DURATION" }),
};

/** The flags of a lane. */
export const laneFields = {
  milestone: flag(z.string().describe("Only issues of this milestone, by its exact title").optional(), {
    short: "m",
    placeholder: "TITLE",
  }),
  label: flag(
    z.array(z.string()).default([]).describe("Only issues with this label, exactly; several are all required"),
    {
      short: "l",
      placeholder: "LABEL",
    },
  ),
};

/** Variables that usually hold a token; `token_env` may name another. */
const tokenVariables = ["GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN"];

/**
 * What they cannot do without. The hosts stand in `forges.toml`, so `--allow-net` is without a scope here; a run with the
 * forge's host alone does as well.
 */
export const forgePermissions: Permissions = {
  run: ["git", "sh"],
  read: [homeDirectory],
  env: [...homeVariables, ...Object.values(loginVariables), ...tokenVariables],
  net: "configured",
};

/** What they can go without. */
export const forgeOptional: readonly OptionalPermission[] = [
  {
    permissions: { read: ["$HOME/.config/tea", "$HOME/.config/gh", "$HOME/.config/glab-cli"] },
    buys: "the login of tea, gh or glab",
  },
  { permissions: { env: ["TOKEN_ENV"] }, buys: "the variable that token_env names, where it is another" },
  { permissions: { read: ["FILE"] }, buys: "the file that ca names, where it is elsewhere" },
  {
    permissions: { read: [stateDirectory], write: [stateDirectory], env: stateVariables },
    buys: "keeping what a host is that forges.toml does not name",
  },
  { permissions: { env: [...linkVariables] }, buys: "links on terminals that have them" },
];

/** Opens the forge that the flags name. */
export async function openNamedForge(
  { repo, login, timeout: timeoutMs }: { readonly repo?: string; readonly login?: string; readonly timeout: number },
  io: Io,
  { signal, say }: Pick<Job<never>, "signal" | "say">,
): Promise<OpenForge> {
  return await openForge(io, { repo, login, timeoutMs, signal, say });
}
