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
  return [page.trimEnd(), "", "EXAMPLES", ...examples, "", "PERMISSIONS", ...permissions, ""].join("\n");
}

/** The help page of several tasks: all of muster, or those of one noun. */
export function groupHelp(rows: readonly TaskRow[]): string {
  const names = rows.map(({ command, aliases }) => [command, ...aliases].join(", "));
  const width = Math.max(...names.map((name) => name.length));
  return [
    "muster runs fleets of terminal coding agents in tmux.",
    "",
    "USAGE",
    "  muster <noun> <verb> [flags]",
    "  muster <noun> <verb> --help",
    "",
    "COMMANDS",
    ...rows.map(({ summary }, at) => `  ${names[at]?.padEnd(width)}  ${summary}`),
    "",
    "EXIT STATUS",
    ...Object.entries(exitMeanings).map(([status, meaning]) => `  ${status.padEnd(3)}  ${meaning}`),
    "",
  ].join("\n");
}
