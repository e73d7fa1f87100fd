#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Shows a pull request.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/pr/view.ts 21 -r ada/tool
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { numberField, pullSchema, renderItem, toPullOutput } from "../_items.ts";

/** `muster pr view`. */
export const prView = defineTask({
  name: "pr view",
  tier: "read",
  summary: "Show a pull request",
  input: z.object({ number: numberField("pull request"), ...forgeFields }),
  output: pullSchema,
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster pr view 21 -r ada/tool", does: "show one" }],
  render: renderItem,
  run: async (input, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    return toPullOutput(await forge.pull(input.number));
  },
});

if (import.meta.main) await runAsMain(prView);
