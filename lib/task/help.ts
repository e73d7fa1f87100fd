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
  const names = rows.map(({ command, aliases }) => [command, ...aliases].join(", "));
  const width = Math.max(...names.map((name) => name.length));
  return [
    "USAGE",
    `  muster ${words} [flags]`,
    `  muster ${words} --help`,
    "",
    "COMMANDS",
    ...rows.map(({ summary }, at) => `  ${names[at]?.padEnd(width)}  ${summary}`),
    "",
  ].join("\n");
}

const exitLines = Object.entries(exitMeanings).map(([status, meaning]) => `  ${status.padEnd(3)}  ${meaning}`);
