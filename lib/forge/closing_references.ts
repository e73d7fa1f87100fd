import type { ForgeKind } from "../config/forges_schema.ts";
import type { TextPlace } from "./_own_repo.ts";
import { giteaClosing } from "./gitea_closing.ts";
import { githubClosing } from "./github_closing.ts";
import { gitlabClosing } from "./gitlab_closing.ts";
import type { IssueReference } from "./model.ts";

export type { TextPlace };

/** Reads the closing keywords of a pull request. */
export type ClosingGrammar = (
  text: { readonly title: string; readonly body: string },
  place: TextPlace,
) => IssueReference[];

/** The grammar of each forge. */
export const closingGrammars: Readonly<Record<ForgeKind, ClosingGrammar>> = {
  gitea: giteaClosing,
  forgejo: giteaClosing,
  github: githubClosing,
  gitlab: gitlabClosing,
};
