#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Opens an issue: its labels and its milestone are looked for first, and looked at afterwards.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/issue/create.ts -r ada/tool -t "Parser loses a line" -m "The last one."
 * ```
 *
 * @module
 */

import { checkCreated } from "../../lib/forge/mod.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { bodyFields, readText } from "../_body.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { createFields, issueSchema, renderItem, toIssueOutput } from "../_items.ts";

/** `muster issue create`. */
export const issueCreate = defineTask({
  name: "issue create",
  tier: "write",
  summary: "Open an issue",
  input: z.object({ ...forgeFields, ...createFields, ...bodyFields("The text") }),
  output: issueSchema,
  permissions: forgePermissions,
  optional: [{ permissions: { read: ["FILE"] }, buys: "-F FILE" }, ...forgeOptional],
  examples: [
    {
      run: 'muster issue create -r ada/tool -t "Parser loses a line" -m "The last one." -l bug',
      does: "open an issue",
    },
    {
      run: "muster issue create -r ada/tool -t Brief --milestone v1 -F brief.md --json",
      does: "open one with a file's text",
    },
  ],
  render: renderItem,
  run: async (input, io, job) => {
    const { title, label: labels, milestone, assignee: assignees } = input;
    const body = await readText(input, io, job.signal);
    const { forge } = await openNamedForge(input, io, job);
    const wanted = { title, body, labels, milestone, assignees };
    const made = await forge.createIssue(wanted);
    checkCreated("issue", wanted, made);
    return toIssueOutput(made);
  },
});

if (import.meta.main) await runAsMain(issueCreate);
