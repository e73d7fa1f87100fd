import { dialogOffer, runtimeOf, screenOf, skeleton, tellingLetters } from "../agents/mod.ts";
import type { PaneView } from "../tmux/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";
import { shellWord } from "./units/quote.ts";

/** A dialog that an agent's program has opened at its start, such as whether to trust a directory: a person's to answer. */
export interface OpenDialog {
  /** What it asks. */
  readonly dialog: string;
  /** How a person answers it. */
  readonly hint: string;
}

/** The dialog on the screen of an agent that was started, if one is open; nothing more can be told of such an agent. */
export function openDialog(
  { name, kind }: Pick<ResolvedAgent, "name" | "kind">,
  view: PaneView,
): OpenDialog | undefined {
  const reading = runtimeOf(kind).read(screenOf(view));
  if (reading.state !== "dialog") return undefined;
  const offer = dialogOffer(reading);
  const dialog = offer?.question.trim() ?? "";
  const lines = dialog.split("\n").map((line) => line.trim());
  const expect = lines.find((line) => skeleton(line).length >= tellingLetters);
  // What muster cannot read it cannot answer either.
  if (!offer || offer.selected === undefined || expect === undefined) {
    return { dialog, hint: `muster agent attach ${name}, and answer it there` };
  }
  const answers = offer.choices.map((choice, at) => `${at + 1}. ${choice}`).join(" · ");
  return { dialog, hint: `muster agent answer ${name} --expect ${shellWord(expect)} --choose N (${answers})` };
}
