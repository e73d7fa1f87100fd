/**
 * The closing keywords of GitHub. Its truth is `closingIssuesReferences`, which knows links made by hand as well; the text
 * tells of a pull request whose base is not the default branch, and of an edit that was not taken up yet.
 *
 * @module
 */

import { addressPattern, foreignRepo, type TextPlace } from "./_own_repo.ts";
import { markdownText } from "./markdown_text.ts";
import type { IssueReference } from "./model.ts";

const words = "close[sd]?|fix(?:e[sd])?|resolve[sd]?";

/**
 * The issues that a text closes: one for each keyword. GitHub takes `no-close: #1` as a close, and so does this.
 *
 * @example
 * ```ts
 * import { githubClosing } from "./github_closing.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const place = { repo: "ada/tool", url: "https://github.com" };
 * assertEquals(githubClosing({ title: "", body: "CLOSES: #2, #3, fixes ada/other#4" }, place), [
 *   { number: 2 },
 *   { number: 4, repo: "ada/other" },
 * ]);
 * ```
 */
export function githubClosing(
  { title, body }: { readonly title: string; readonly body: string },
  place: TextPlace,
): IssueReference[] {
  const name = "([A-Za-z0-9][A-Za-z0-9-]*\\/[A-Za-z0-9_.-]+)";
  const address = `${addressPattern(place.url)}\\/([^/\\s]+\\/[^/\\s]+)\\/issues\\/(\\d+)`;
  const pattern = new RegExp(
    `\\b(?:${words})(?::[^\\S\\n]*|[^\\S\\n]+)(?:${name}?#(\\d+)|GH-(\\d+)|${address})(?!\\w)`,
    "gi",
  );
  return [title, markdownText(body)].flatMap((text) =>
    Array.from(text.matchAll(pattern)).map(([, repo, number, gh, addressRepo, addressNumber]) => {
      const foreign = foreignRepo(repo ?? addressRepo, place);
      return { number: Number(number ?? gh ?? addressNumber), ...(foreign === undefined ? {} : { repo: foreign }) };
    })
  );
}
