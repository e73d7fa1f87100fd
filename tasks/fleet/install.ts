#!/usr/bin/env -S deno run --allow-run=sh,tmux --allow-read=$HOME/.config/muster,$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-write=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH,LANG,LC_ALL,LC_CTYPE,TMUX_TMPDIR,DENO_DIR,XDG_DATA_HOME,XDG_CACHE_HOME,SSL_CERT_FILE,SSL_CERT_DIR,NODE_EXTRA_CA_CERTS,DENO_CERT,DENO_TLS_CA_STORE,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Installs the fleet's systemd units: one that owns the tmux server, and one for each agent.
 *
 * ```sh
 * deno run --allow-run=sh,tmux --allow-read=$HOME/.config/muster,$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-write=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH,LANG,LC_ALL,LC_CTYPE,TMUX_TMPDIR,DENO_DIR,XDG_DATA_HOME,XDG_CACHE_HOME,SSL_CERT_FILE,SSL_CERT_DIR,NODE_EXTRA_CA_CERTS,DENO_CERT,DENO_TLS_CA_STORE,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/fleet/install.ts
 * ```
 *
 * @module
 */

import { installUnits, ownAgents, readRoster, unitVariables } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, homeDirectory, runAsMain, stateDirectory, unitDirectory, z } from "../../lib/task/mod.ts";
import { version } from "../../lib/task/version.ts";
import { agentLaunch } from "../agent/launch.ts";
import { receiptDirectory } from "../../lib/state/receipt_log.ts";
import { ownCommand } from "../_own_command.ts";

/** What units get from the environment of whoever installs them: what programs are found and run by, and no secret. */
const carried = [
  "PATH",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TMUX_TMPDIR",
  "DENO_DIR",
  "XDG_DATA_HOME",
  "XDG_CACHE_HOME",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "MUSTER_PI_SKILL_MODE",
  "MUSTER_PI_FORCE_SKILLS",
] as const;

/** `muster fleet install`. */
export const fleetInstall = defineTask({
  name: "fleet install",
  tier: "write",
  summary: "Install systemd units, by which the fleet outlives logins, crashes and reboots",
  description:
    "Writes the units of the roster, has systemd check them, and enables them; running agents are left as they are.\n" +
    "The units keep the PATH of this shell, in which every agent's program is looked up now.",
  input: z.object({
    dryRun: z.boolean().default(false).describe("Show what would change, and change nothing"),
    prune: z.boolean().default(false).describe("Stop agents that left the roster, and remove their units"),
  }),
  output: z.object({
    files: z.array(z.object({
      path: z.string(),
      change: z.enum(["created", "changed", "removed"]),
      diff: z.string().optional().describe("With --dry-run"),
    })).readonly().describe("What was written or removed; none where all was as it should be"),
    agents: z.array(z.string()).readonly(),
    left: z.array(z.object({ name: z.string(), result: z.enum(["removed", "kept"]) })).readonly().describe(
      "Agents that left the roster; kept are those that still run",
    ),
    pending: z.array(z.string()).readonly().describe(
      "Running agents whose changed settings hold from their next start",
    ),
    programs: z.array(z.object({
      name: z.string(),
      path: z.string(),
      version: z.string().describe("Empty where the program was not asked"),
      unproved: z.string().optional().describe("Versions that muster was proved with, where this is none of them"),
      size: z.int(),
      modifiedAt: z.int().describe("Seconds since 1970"),
      agents: z.array(z.string()).readonly(),
    })).readonly(),
    lingering: z.enum(["on", "off", "unknown"]),
    notes: z.array(z.string()).readonly(),
  }),
  permissions: {
    run: ["sh", "tmux"],
    read: [homeDirectory, stateDirectory, unitDirectory],
    write: [stateDirectory, unitDirectory],
    env: [...unitVariables, ...carried],
  },
  examples: [
    { run: "muster fleet install", does: "install, or bring up to date after a change of the roster" },
    { run: "muster fleet install --dry-run", does: "show what would change" },
  ],
  render: ({ files, agents, left, programs, notes }, { style }) => {
    const paint = { created: style.good, changed: style.warn, removed: style.bad };
    return [
      ...(files.length === 0 ? ["the units are as they should be"] : []),
      ...files.flatMap(({ path, change, diff }) => [
        `${paint[change](change)}  ${visible(path)}`,
        ...(diff ?? "").split("\n").filter((line) => line !== "").map((line) => `  ${visible(line)}`),
      ]),
      ...left.filter(({ result }) => result === "removed").map(({ name }) => `removed the unit of ${name}`),
      ...programs.map(({ name, path, version, unproved }) =>
        `${visible(name)}  ${style.quiet(`${visible(path)}${version ? ` ${visible(version)}` : ""}`)}${
          unproved === undefined ? "" : `  ${style.warn(`not proved with muster: ${unproved} was`)}`
        }`
      ),
      ...notes.map((note) => `note: ${visible(note)}`),
      `${agents.length} agents: muster fleet start`,
    ].join("\n");
  },
  run: async ({ dryRun, prune }, io, { signal }) => {
    const roster = await readRoster(io);
    const own = ownAgents(roster);
    const files = own.flatMap(({ envFile, kickstartTemplate }) => [envFile, kickstartTemplate])
      .filter((path) => path !== undefined);
    const { permissions } = agentLaunch;
    const read = [...permissions.read ?? [], ...new Set(files)];
    const muster = ownCommand(io, { ...permissions, read, write: [receiptDirectory(io.env)] });
    const names = [...carried, "MUSTER_HOME", "MUSTER_STATE", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] as const;
    const variables = Object.fromEntries(names.flatMap((name): [string, string][] => {
      const value = io.env.get(name);
      return value === undefined || value === "" ? [] : [[name, value]];
    }));
    return await installUnits(io, roster, { muster, version, variables, dryRun, prune, signal });
  },
});

if (import.meta.main) await runAsMain(fleetInstall);
