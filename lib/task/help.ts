import { run } from "../deps/stricli.ts";
import { exitMeanings } from "./exit.ts";
import type { TaskRow } from "./row.ts";
import { scannerApplication, scannerCommand } from "./scanner.ts";

/** The help page of a task. */
export async function taskHelp(row: TaskRow, program: string): Promise<string> {
  let page = "";
  const out = { write: (text: string) => void (page += text) };
  await run(scannerApplication(program, scannerCommand(row), {}), ["--help"], {
    process: { stdout: out, stderr: out },
  });
  const examples = row.examples.flatMap((example) => [`  ${example.run}`, `      ${example.does}`]);
  const permissions = [
    `  ${row.permissions.join(" ") || "none"}`,
    ...row.optional.map(({ permissions, buys }) => `  ${permissions.join(" ")}  buys ${buys}`),
  ];
  // The scanner shows an array of arguments as required.
  const rest = row.flags.find(({ positional, many, required }) => positional && many && !required);
  const name = rest?.placeholder ?? rest?.long;
  const shown = rest ? page.replace(`<${name}>...`, `[${name}]...`) : page;
  const parts = [shown.trimEnd(), "", "EXAMPLES", ...examples, "", "EXIT STATUS", ...exitLines, "", "PERMISSIONS"];
  return [...parts, ...permissions, ""].join("\n");
}

/** The help page of all of muster. */
export function rootHelp(rows: readonly TaskRow[]): string {
  return ["muster runs fleets of terminal coding agents in tmux.", "", groupHelp(rows, "<noun> <verb>")].join("\n") +
    ["", "EXIT STATUS", ...exitLines, ""].join("\n");
}

/** The help page of several tasks, such as those of one noun. */
export function groupHelp(rows: readonly TaskRow[], words: string): string {
  return [
    "USAGE",
    `  muster ${words} [flags]`,
    `  muster ${words} --help`,
    "",
    "COMMANDS",
    ...byNoun(rows).flatMap((group, at) => [...(at > 0 ? [""] : []), ...commandLines(group)]),
    "",
  ].join("\n");
}

/** The tasks of each noun together, those of one word last. */
function byNoun(rows: readonly TaskRow[]): readonly (readonly TaskRow[])[] {
  const groups = new Map<string, TaskRow[]>();
  for (const row of rows) {
    const [noun = "", verb] = row.command.split(" ");
    const name = verb === undefined ? "" : noun;
    groups.set(name, [...groups.get(name) ?? [], row]);
  }
  const lone = groups.get("") ?? [];
  groups.delete("");
  return [...groups.values(), lone].filter((group) => group.length > 0);
}

function commandLines(rows: readonly TaskRow[]): string[] {
  const names = rows.map(({ command, aliases }) =>
    [command, ...aliases.map((alias) => shortened(alias, command))].join(", ")
  );
  const width = Math.max(...names.map((name) => name.length));
  return rows.map(({ summary }, at) => `  ${names[at]?.padEnd(width)}  ${summary}`);
}

/** An alias behind its command; the noun that both have is said once. */
function shortened(alias: string, command: string): string {
  const noun = command.slice(0, command.indexOf(" ") + 1);
  return alias.startsWith(noun) ? alias.slice(noun.length) : alias;
}

const exitLines = Object.entries(exitMeanings).map(([status, meaning]) => `  ${status.padEnd(3)}  ${meaning}`);
