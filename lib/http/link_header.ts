/**
 * The addresses of a `Link` header by their relation (RFC 8288), such as `next` and `last`. Addresses that are relative
 * stay so; what cannot be read is left out.
 *
 * @example
 * ```ts
 * import { readLinks } from "./link_header.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const links = readLinks('<https://x.org/a?page=2>; rel="next", <https://x.org/a?q=1,2&page=9>; rel="last"');
 * assertEquals(links, { next: "https://x.org/a?page=2", last: "https://x.org/a?q=1,2&page=9" });
 * ```
 */
export function readLinks(header: string | null): Readonly<Record<string, string>> {
  const links: Record<string, string> = {};
  for (
    const [, address = "", parameters = ""] of (header ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[^",;]+(?:"[^"]*")?)*)/g)
  ) {
    const relations = /;\s*rel\s*=\s*"?([^";]+)"?/i.exec(parameters)?.[1] ?? "";
    for (const relation of relations.trim().split(/\s+/)) {
      if (relation !== "") links[relation.toLowerCase()] ??= address;
    }
  }
  return links;
}
