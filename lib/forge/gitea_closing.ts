/**
 * The closing keywords of Gitea and Forgejo, as `modules/references/references.go` and `modules/markup/mdstripper` read
 * them (Gitea 1.26, Forgejo 15).
 *
 * @module
 */

import { addressPattern, foreignRepo, type TextPlace } from "./_own_repo.ts";
import { markdownText } from "./markdown_text.ts";
import type { IssueReference } from "./model.ts";

/** The keyword stands right before the reference, with an optional colon and one space. */
const keyword = /(?:\s|^|\(|\[)(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?):? $/i;

/** More than a keyword takes, with what is around it. */
const longestKeyword = 20;

/** `#12`, `!12` or `owner/repo#12`, between delimiters. `d` tells where the reference itself is. */
const reference = /(?:\s|^|[([])(?:([0-9A-Za-z_.-]+\/[0-9A-Za-z_.-]+))?[#!](\d+)(?=\s|$|[)\]]|[:;,.?!](?:\s|$))/dg;

/**
 * The issues that a pull request closes by its title and its body: one for each keyword, in the order of the text.
 *
 * @example
 * ```ts
 * import { giteaClosing } from "./gitea_closing.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const place = { repo: "ada/tool", url: "https://git.example.org" };
 * assertEquals(giteaClosing({ title: "fix #1", body: "Closes #2, #3. `Closes #4`" }, place), [{ number: 1 }, { number: 2 }]);
 * ```
 */
export function giteaClosing(
  { title, body }: { readonly title: string; readonly body: string },
  place: TextPlace,
): IssueReference[] {
  // The title is no Markdown, and is read as it is.
  return [...references(title, place), ...references(strip(body, place), place)];
}

/** Each text of an inline element is broken off from the one before it; addresses of this host become references. */
function strip(body: string, place: TextPlace): string {
  const address = new RegExp(
    `${addressPattern(place.url)}\\/([^/\\s]+)\\/([^/\\s]+)\\/(issues|pulls)\\/([^/\\s?#]+)(?:[?#]\\S*)?$`,
    "i",
  );
  const text = markdownText(body, { between: "\n", link: () => "" });
  // The address goes right after the text before it: what broke it off is taken back.
  return text.replace(/\n?(https?:\/\/\S+)/gi, (whole, found: string) => {
    const [, owner, repo, kind, number] = address.exec(found) ?? [];
    return number === undefined ? whole : `${owner}/${repo}${kind === "issues" ? "#" : "!"}${number}`;
  });
}

function references(text: string, place: TextPlace): IssueReference[] {
  return Array.from(text.matchAll(reference)).flatMap((found) => {
    const [, repo, number] = found;
    const start = found.indices?.[1]?.[0] ?? (found.indices?.[2]?.[0] ?? 0) - 1;
    if (!keyword.test(text.slice(Math.max(0, start - longestKeyword), start))) return [];
    const foreign = foreignRepo(repo, place);
    return [{ number: Number(number), ...(foreign === undefined ? {} : { repo: foreign }) }];
  });
}
