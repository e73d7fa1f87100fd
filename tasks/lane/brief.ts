#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Says what of a lane can be dispatched and what is underway, as the forge has it now.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/lane/brief.ts -r ada/tool -m v1
 * ```
 *
 * @module
 */

import { briefLane, type Issue, type Lane, linkClasses, type Pull } from "../../lib/forge/mod.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, laneFields, openNamedForge } from "../_forge.ts";
import { type Carriers, readCarriers } from "./_carriers.ts";
import { renderBrief } from "./_render.ts";

const issueShape = {
  number: z.int(),
  title: z.string(),
  url: z.string(),
  labels: z.array(z.string()).readonly(),
  assignees: z.array(z.string()).readonly().describe("Shown, and trusted for nothing"),
  agents: z.array(z.string()).readonly().optional().describe(
    "With --mine: agents whose branch or worktree carries the number",
  ),
};

/** What `muster lane brief --json` prints. */
export const briefSchema = z.object({
  repo: z.string(),
  forge: z.string().describe("What the forge is: gitea, forgejo, github or gitlab"),
  host: z.string(),
  login: z.string().nullable().describe("Who asked, where that is known"),
  milestone: z.string().nullable(),
  labels: z.array(z.string()).readonly(),
  time: z.string().describe("When the forge was asked"),
  candidates: z.array(z.object(issueShape)).readonly().describe("Open, linked by no open pull request, and not held"),
  underway: z.array(z.object({
    ...issueShape,
    links: z.array(z.object({
      pr: z.int(),
      class: z.enum(linkClasses).describe("The strongest evidence of the link"),
      draft: z.boolean(),
      title: z.string(),
      branch: z.string(),
      author: z.string(),
      url: z.string(),
    })).readonly(),
    heldBy: z.array(z.string()).readonly(),
  })).readonly().describe("Linked by an open pull request"),
  held: z.array(z.object({ ...issueShape, heldBy: z.array(z.string()).readonly() })).readonly().describe(
    "Not to be dispatched: a label, or open blockers",
  ),
  warnings: z.array(z.object({
    code: z.string(),
    message: z.string(),
    number: z.int().optional(),
    pr: z.int().optional(),
  })).readonly(),
  ready: z.array(z.int()).readonly().optional().describe("With --ready: the numbers that can be dispatched"),
  mine: z.object({ agent: z.string(), branch: z.string(), directory: z.string(), numbers: z.array(z.int()).readonly() })
    .nullable()
    .optional().describe("With --mine: where that agent is; null where it is in no checkout of the repo"),
  requests: z.int().describe("How many requests it took"),
});

/** What `muster lane brief --json` prints. */
export type BriefOutput = z.output<typeof briefSchema>;

/** `muster lane brief`. */
export const laneBrief = defineTask({
  name: "lane brief",
  tier: "read",
  summary: "Say what of a lane can be dispatched and what is underway, as the forge has it now",
  description:
    "A lane is the open issues of a repo, under one milestone and labels where they are given. Candidates are those that\n" +
    "no open pull request links and nothing holds. What cannot be read whole is an error: there is no half of a lane.",
  input: z.object({
    ...forgeFields,
    ...laneFields,
    ready: z.boolean().default(false).describe("Print only the numbers of candidates"),
    mine: flag(z.string().optional().describe("Cross it with the fleet, as this agent sees it"), {
      placeholder: "AGENT",
      complete: "agents",
    }),
  }),
  output: briefSchema,
  permissions: forgePermissions,
  optional: [
    { permissions: { run: ["tmux"] }, buys: "--mine" },
    { permissions: { run: ["ssh"] }, buys: "--mine for agents on other hosts" },
    ...forgeOptional,
  ],
  examples: [
    { run: "muster lane brief -r ada/tool -m v1", does: "brief one milestone" },
    { run: "muster lane brief -r ada/tool -m v1 -l bug --ready", does: "print the numbers that can be dispatched" },
    { run: "muster lane brief -r ada/tool --mine coder0 --json", does: "say which agents carry which number" },
  ],
  render: renderBrief,
  run: async (input, io, job) => {
    const { milestone, label: labels, mine } = input;
    const time = new Date(io.clock.now()).toISOString();
    const { forge, entry, login } = await openNamedForge(input, io, job);
    const [lane, fleet] = await Promise.all([
      briefLane(forge, { milestone, labels }, {
        heldLabels: entry.heldLabels,
        signal: job.signal,
      }),
      mine === undefined ? undefined : readCarriers(io, forge.repo, mine, job.signal),
    ]);
    const brief = toOutput(lane, fleet);
    if (input.ready) checkSeen(fleet);
    // The page is numbers alone then, and what may not mean what it seems to is told beside it.
    if (input.ready) { for (const { message } of brief.warnings) job.say(`warning: ${visible(message)}`); }
    return {
      repo: forge.repo,
      forge: forge.kind,
      host: entry.host,
      login: login ?? null,
      milestone: milestone ?? null,
      labels,
      time,
      ...brief,
      ...(input.ready ? { ready: readyNumbers(lane, mine, fleet) } : {}),
      ...(mine === undefined || fleet === undefined ? {} : { mine: ownPlace(mine, fleet) }),
      requests: forge.client.requests,
    };
  },
});

function toOutput({ candidates, underway, held, warnings }: Lane, fleet: Carriers | undefined) {
  const issue = ({ number, title, url, labels, assignees }: Issue) => ({
    number,
    title,
    url,
    labels,
    assignees,
    ...(fleet === undefined ? {} : { agents: carriersOf(number, fleet) }),
  });
  const link = ({ number, isDraft, title, head, author, url }: Pull) => ({
    pr: number,
    draft: isDraft,
    title,
    branch: head,
    author,
    url,
  });
  const carried = fleet === undefined ? [] : candidates.flatMap(({ number }) => {
    const agents = carriersOf(number, fleet);
    if (agents.length === 0) return [];
    return [{
      code: "carried",
      number,
      message: `#${number} has no pull request, and is carried by ${agents.join(", ")}`,
    }];
  });
  const unseen = (fleet?.unknown ?? []).length === 0
    ? []
    : [{ code: "agents_unseen", message: `not known what they carry: ${fleet?.unknown.join(", ")}` }];
  return {
    candidates: candidates.map(issue),
    underway: underway.map(({ links, heldBy, ...one }) => ({
      ...issue(one.issue),
      links: links.map(({ pull, class: of }) => ({ ...link(pull), class: of })),
      heldBy,
    })),
    held: held.map(({ heldBy, ...one }) => ({ ...issue(one.issue), heldBy })),
    warnings: [...warnings, ...carried, ...unseen],
  };
}

function carriersOf(number: number, { carriers }: Carriers): string[] {
  return carriers.filter(({ numbers }) => numbers.includes(number)).map(({ agent }) => agent);
}

/** Throws where an agent may carry what would be given to another one. */
function checkSeen(fleet: Carriers | undefined): void {
  if (fleet === undefined || fleet.unknown.length === 0) return;
  const agents = fleet.unknown.join(", ");
  throw new MusterError("failed", `not known what is ready: not known what these agents carry: ${agents}`, {
    hint: "muster fleet status says more; without --mine the fleet is not looked at",
  });
}

/** What an agent may be given: a candidate that no other one carries. */
function readyNumbers({ candidates }: Lane, mine: string | undefined, fleet: Carriers | undefined): number[] {
  return candidates.map(({ number }) => number).filter((number) =>
    fleet === undefined || carriersOf(number, fleet).every((agent) => agent === mine)
  );
}

function ownPlace(mine: string, { carriers, unknown }: Carriers) {
  const own = carriers.find(({ agent }) => agent === mine);
  if (own) return { agent: own.agent, branch: own.branch, directory: own.directory, numbers: own.numbers };
  if (unknown.includes(mine)) throw new MusterError("failed", `not known where it is: agent ${mine}`);
  return null;
}

if (import.meta.main) await runAsMain(laneBrief);
