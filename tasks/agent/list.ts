#!/usr/bin/env -S deno run --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Lists the agents of the roster, as declared; `muster fleet status` says what they are doing.
 *
 * ```sh
 * deno run --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/list.ts
 * ```
 *
 * @module
 */

import { readRoster } from "../../lib/fleet/mod.ts";
import { defineTask, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";

/** `muster agent list`. */
export const agentList = defineTask({
  name: "agent list",
  aliases: ["agent roster"],
  tier: "read",
  summary: "List the agents of the roster, as declared",
  input: z.object({}),
  output: z.object({
    agents: z.array(z.object({
      name: z.string(),
      runtime: z.string().describe("The runtime's name in the roster"),
      kind: z.string().describe("The kind of its program"),
      class: z.string(),
      host: z.string().describe("Empty for this host"),
      socket: z.string(),
      workingDirectory: z.string(),
      model: z.string().describe("The model's label, else the model; empty where the roster names none"),
      command: z.array(z.string()).readonly(),
      managed: z.boolean(),
    })),
  }),
  permissions: { read: [homeDirectory], env: homeVariables },
  examples: [{ run: "muster agent list", does: "print a table" }, {
    run: "muster agent roster --json",
    does: "print JSON",
  }],
  render: ({ agents }, { style }) =>
    renderTable([
      ["AGENT", "RUNTIME", "CLASS", "HOST", "MODEL", "DIRECTORY"].map((text) => ({ text, paint: style.quiet })),
      ...agents.map((agent) => [
        { text: agent.name, paint: style.strong },
        agent.runtime,
        agent.class,
        agent.host,
        agent.model,
        agent.workingDirectory,
      ]),
    ]),
  run: async (_input, io) => ({
    agents: (await readRoster(io)).agents.map((agent) => ({
      name: agent.name,
      runtime: agent.runtime,
      kind: agent.kind,
      class: agent.class ?? "",
      host: agent.host ?? "",
      socket: agent.socket,
      workingDirectory: agent.workingDirectory,
      model: agent.modelHint ?? agent.model ?? "",
      command: [...agent.command, ...agent.args],
      managed: agent.managed,
    })),
  }),
});

if (import.meta.main) await runAsMain(agentList);
