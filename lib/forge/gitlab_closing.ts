/**
 * The closing pattern of GitLab as it is by default (`config/initializers/1_settings.rb`, `issue_closing_pattern`). Its
 * truth is `/merge_requests/{iid}/closes_issues`; the text tells of a merge request whose target is not the default branch.
 *
 * @module
 */

import { addressPattern, foreignRepo, type TextPlace } from "./_own_repo.ts";
import type { IssueReference } from "./model.ts";

const words = "[Cc]los(?:e[sd]?|ing)|[Ff]ix(?:e[sd]|ing)?|[Rr]esolv(?:e[sd]?|ing)|[Ii]mplement(?:s|ed|ing)?";

/**
 * The issues that a text closes. A keyword takes a list, `#4, #6 and #9`. GitLab reads the text as it is written, code
 * and all.
 *
 * @example
 * ```ts
 * import { gitlabClosing } from "./gitlab_closing.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const place = { repo: "group/sub/tool", url: "https://gitlab.com" };
 * assertEquals(gitlabClosing({ title: "Implements #1", body: "Closes issues #4, #6 and #9" }, place).map(({ number }) => number), [
 *   1,
 *   4,
 *   6,
 *   9,
 * ]);
 * ```
 */
export function gitlabClosing(
  { title, body }: { readonly title: string; readonly body: string },
  place: TextPlace,
): IssueReference[] {
  // Runs are bounded where two of them meet: a text of spaces must not take their square.
  const name = "(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*\\/)*[A-Za-z0-9_.][A-Za-z0-9_.-]*";
  const address = `${addressPattern(place.url)}\\/(${name})\\/(?:-\\/)?(?:issues|work_items)\\/(\\d+)`;
  const one = `(?:(${name})?#(\\d+)|${address})`;
  const uncaptured = one.replace(/\((?!\?)/g, "(?:");
  const list = `(?:(?:issues? +)?${uncaptured}(?: {0,20},? {1,20}and {1,20}| {0,20},? {0,20})?)+`;
  const statement = new RegExp(`\\b(?:${words}):? +${list}`, "g");
  const each = new RegExp(one, "g");
  return [title, body].flatMap((text) =>
    Array.from(text.matchAll(statement)).flatMap(([whole]) => {
      // The keyword is no project: `Closes #1`.
      const named = whole.replace(new RegExp(`^(?:${words}):? +`), "");
      return Array.from(named.matchAll(each)).map(([, repo, number, addressRepo, addressNumber]) => {
        const foreign = foreignGitlab(repo ?? addressRepo, place);
        return { number: Number(number ?? addressNumber), ...(foreign === undefined ? {} : { repo: foreign }) };
      });
    })
  );
}

/** `tool#1` is of the project's own group. */
function foreignGitlab(named: string | undefined, place: TextPlace): string | undefined {
  if (named === undefined || named.includes("/")) return foreignRepo(named, place);
  return foreignRepo([...place.repo.split("/").slice(0, -1), named].join("/"), place);
}
