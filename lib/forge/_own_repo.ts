/** Whether a reference is to the repo that it stands in. */

/** Where a text stands. */
export interface TextPlace {
  /** `owner/repo` of the text's own repo. */
  readonly repo: string;
  /** Where the forge's pages are, such as `https://git.example.org`. */
  readonly url: string;
}

/** The repo that is named, or `undefined` where it is the text's own. */
export function foreignRepo(named: string | undefined, place: TextPlace): string | undefined {
  if (named === undefined || named.toLowerCase() === place.repo.toLowerCase()) return undefined;
  return named;
}

/** The text as a part of a regular expression. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** An address without its scheme, as a part of a regular expression that takes either. */
export function addressPattern(url: string): string {
  return `https?:\\/\\/${literally(url.replace(/^https?:\/\//, "").replace(/\/+$/, ""))}`;
}
