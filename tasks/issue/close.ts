#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Closes an issue.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/issue/close.ts 1 -r ada/tool
 * ```
 *
 * @module
 */

import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { issueSchema, numberField, renderItem, toIssueOutput } from "../_items.ts";

/** `muster issue close`. */
export const issueClose = defineTask({
  name: "issue close",
  tier: "write",
  summary: "Close an issue, with a last word where one is given",
  input: z.object({
    number: numberField("issue"),
    ...forgeFields,
    message: flag(z.string().min(1).describe("A comment before it is closed").optional(), {
      short: "m",
      placeholder: "TEXT",
    }),
  }),
  output: issueSchema,
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: 'muster issue close 1 -r ada/tool -m "Done in v1."', does: "say why, and close it" }],
  render: renderItem,
  run: async ({ number, message, ...input }, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    if (message === undefined) return closed(toIssueOutput(await forge.closeIssue(number)));
    await forge.issue(number); // a comment as well is for an issue alone
    await forge.comment(number, message);
    try {
      return closed(toIssueOutput(await forge.closeIssue(number)));
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      throw new MusterError(error.code, `commented on issue ${number}, but it is not closed: ${error.message}`, {
        hint: error.hint,
        cause: error,
      });
    }
  },
});

/** What was seen to be closed. */
function closed(issue: z.output<typeof issueSchema>): z.output<typeof issueSchema> {
  if (issue.state === "closed") return issue;
  throw new MusterError("failed", `the forge took it, and still shows issue ${issue.number} as ${issue.state}`);
}

if (import.meta.main) await runAsMain(issueClose);
