import agentEndScript from "../../../units/agent-end.sh" with { type: "text" };
import agentScript from "../../../units/agent.sh" with { type: "text" };
import holderScript from "../../../units/holder.sh" with { type: "text" };
import agentTemplate from "../../../units/muster-agent@.service" with { type: "text" };
import holderTemplate from "../../../units/muster-holder.service" with { type: "text" };
import paneScript from "../../../units/pane.sh" with { type: "text" };
import sessionScript from "../../../units/session.sh" with { type: "text" };
import type { ResolvedAgent } from "../resolve_roster.ts";
import { agentUnit, holderUnit, type UnitPlace } from "./place.ts";
import { environmentLine, shellWord, unitPath, unitWord } from "./quote.ts";

/** What the files of the units are made of. */
export interface UnitSources {
  /** Where they go. */
  readonly place: UnitPlace;
  /** The name of the tmux socket. */
  readonly socket: string;
  /** The session that keeps the server alive. */
  readonly holder: string;
  /** The variables of the units, PATH among them. */
  readonly variables: Readonly<Record<string, string>>;
  /** The words of the command line that runs muster. */
  readonly muster: readonly string[];
  /** The agents. */
  readonly agents: readonly ResolvedAgent[];
}

/** How long an agent has to have run well for a failure to be the first of a new row, in seconds. */
export const restartWindow = 600;

const notice = "# Written by `muster fleet install` from the roster: what is changed here is lost.";

/** The content of every file of the units, by path. No value of a person's stands in one where systemd or sh would obey it. */
export function renderUnits(sources: UnitSources): ReadonlyMap<string, string> {
  const { place, socket, holder, variables, muster, agents } = sources;
  const fill = (template: string) =>
    template.replaceAll("@ENVIRONMENT@", () => unitPath(place.environment))
      .replace(/@SCRIPTS@(\/[\w.-]+)/g, (_whole, name: string) => unitWord(place.scripts + name));
  const environment = {
    ...variables,
    MUSTER_SOCKET: socket,
    MUSTER_HOLDER: holder,
    MUSTER_SCRIPTS: place.scripts,
    MUSTER_STATE: place.fleet.replace(/\/fleet$/, ""),
    MUSTER_TMUX_CONF: place.tmuxConfig,
  };
  const lines = Object.entries(environment).map(([name, value]) => environmentLine(name, value));
  return new Map([
    [`${place.units}/${holderUnit}`, fill(holderTemplate)],
    [`${place.units}/${agentUnit("")}`, fill(agentTemplate)],
    ...agents.map((agent): [string, string] => [settingsPath(place, agent.name), agentSettings(agent)]),
    [place.environment, `${notice}\n${lines.join("\n")}\n`],
    [`${place.scripts}/muster.sh`, `#!/bin/sh\n${notice}\nexec ${muster.map(shellWord).join(" ")} "$@"\n`],
    [`${place.scripts}/holder.sh`, holderScript],
    [`${place.scripts}/agent.sh`, agentScript],
    [`${place.scripts}/agent-end.sh`, agentEndScript],
    [`${place.scripts}/pane.sh`, paneScript],
    [`${place.scripts}/session.sh`, sessionScript],
  ]);
}

/** The file of an agent's own settings: a drop-in of its instance of the template. */
export function settingsPath(place: UnitPlace, name: string): string {
  return `${place.units}/${agentUnit(name)}.d/muster.conf`;
}

/** The directory of that file, which holds nothing else of muster's. */
export function settingsDirectory(place: UnitPlace, name: string): string {
  return `${place.units}/${agentUnit(name)}.d`;
}

function agentSettings(agent: ResolvedAgent): string {
  const restart = { "on-failure": "on-failure", always: "always", never: "no" }[agent.restart];
  return [
    notice,
    "[Service]",
    `Restart=${restart}`,
    `Environment="MUSTER_PROPERTIES=${limitsOf(agent).join(" ")}"`,
    `Environment=MUSTER_RESTART_LIMIT=${agent.restartLimit} MUSTER_RESTART_WINDOW=${restartWindow}`,
    "",
  ].join("\n");
}

/** The limits of an agent's scope, as systemd writes them. */
export function limitsOf({ memoryMax, cpuWeight, tasksMax }: ResolvedAgent): string[] {
  return [
    ...(memoryMax === undefined ? [] : [`MemoryMax=${memoryMax}`]),
    ...(cpuWeight === undefined ? [] : [`CPUWeight=${cpuWeight}`]),
    ...(tasksMax === undefined ? [] : [`TasksMax=${tasksMax}`]),
  ];
}
