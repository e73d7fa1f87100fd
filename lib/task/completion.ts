import {
  buildApplication,
  buildRouteMap,
  type Command,
  type CommandContext,
  proposeCompletions,
} from "../deps/stricli.ts";
import type { Completer, FlagRow } from "./flag_row.ts";
import type { TaskRow } from "./row.ts";
import { scannerCommand } from "./scanner.ts";

/** What the shell may offer for one word. */
export interface Proposal {
  readonly value: string;
  readonly summary: string;
}

/** Names that completion may read, by their source; empty where it may not. */
export type ReadNames = (source: Completer) => Promise<readonly string[]>;

/**
 * What may stand in the place of the last of the words after `muster`: verbs, flags, values of choices, names.
 *
 * bash cuts words at `=`, so that `--runtime=de` comes as three: the middle one is passed over.
 */
export async function proposals(
  rows: readonly TaskRow[],
  words: readonly string[],
  readNames: ReadNames,
): Promise<readonly Proposal[]> {
  const whole = words.flatMap((word, at) => word !== "=" ? [word] : at === words.length - 1 ? [""] : []);
  const offer = async (flag: FlagRow, partial: string) => {
    const known = flag.values ?? (flag.complete ? await readNames(flag.complete) : []);
    return known.filter((value) => value.startsWith(partial));
  };
  const app = buildApplication(routes(rows, offer), {
    name: "muster",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab" },
    completion: { includeAliases: false },
  }, {});
  const found = await proposeCompletions(app, longFlags(rows, whole), {
    process: { stdout: { write: () => {} }, stderr: { write: () => {} } },
  });
  const isFlag = (whole.at(-1) ?? "").startsWith("-");
  return found.filter(({ completion }) => isFlag || !completion.startsWith("-"))
    .map(({ completion, brief }) => ({ value: completion, summary: brief }));
}

type Offer = (flag: FlagRow, partial: string) => Promise<readonly string[]>;

function routes(rows: readonly TaskRow[], offer: Offer) {
  const nouns = new Map<string, Record<string, Command<CommandContext>>>();
  const root: Record<string, Command<CommandContext> | ReturnType<typeof buildRouteMap>> = {};
  for (const row of rows) {
    for (const name of [row.command, ...row.aliases]) {
      const [noun = "", verb] = name.split(" ");
      const command = scannerCommand(row, { offer });
      if (verb === undefined) root[noun] = command;
      else nouns.set(noun, { ...nouns.get(noun), [verb]: command });
    }
  }
  for (const [noun, verbs] of nouns) {
    root[noun] = buildRouteMap({ routes: verbs, docs: { brief: Object.keys(verbs).join(", ") } });
  }
  return buildRouteMap({ routes: root, docs: { brief: "muster" } });
}

/** A short letter before the last word is spelled out: the scanner offers values for long names alone. */
function longFlags(rows: readonly TaskRow[], words: readonly string[]): string[] {
  const name = words.slice(0, 2).join(" ");
  const row = rows.find(({ command, aliases }) => command === name || aliases.includes(name)) ??
    rows.find(({ command }) => command === words[0]);
  return words.map((word, at) => {
    const flag = at < words.length - 1 && /^-[a-zA-Z]$/.test(word)
      ? row?.flags.find(({ short }) => short === word[1])
      : undefined;
    return flag ? `--${flag.long}` : word;
  });
}
