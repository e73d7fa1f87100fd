import type { z } from "../deps/zod.ts";
import { type HttpClient, type Query, readLinks } from "../http/mod.ts";

/** Options of {@linkcode allPages}. */
interface AllPagesOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly query?: Query;
  /** What the server calls the size of a page. */
  readonly sizeKey: string;
  readonly size: number;
  readonly signal?: AbortSignal;
}

/** The most pages that are read of one commit or pipeline. */
const maxPages = 100;

/**
 * The rows of all pages of a list that is read again and again: only for what changed, where the server can say so
 * (`conditional`). A page that is shorter than was asked for is the last, unless the server says otherwise: one may give
 * fewer rows at a time.
 */
export async function allPages<Schema extends z.ZodType, Row>(
  client: HttpClient,
  path: string,
  options: AllPagesOptions<Schema>,
  rowsOf: (answer: z.output<Schema>) => readonly Row[],
): Promise<Row[]> {
  const { schema, sizeKey, size, signal } = options;
  const rows: Row[] = [];
  for (let page = 1; page <= maxPages; page++) {
    const query = { ...options.query, page, [sizeKey]: size };
    const { data, headers } = await client.json(path, { schema, query, conditional: true, signal });
    const more = rowsOf(data);
    rows.push(...more);
    if (!hasNext(headers, rows.length, more.length, size)) break;
  }
  return rows;
}

function hasNext(headers: Headers, soFar: number, rows: number, size: number): boolean {
  if (rows === 0) return false;
  if (headers.has("link")) return readLinks(headers.get("link")).next !== undefined;
  const total = Number(headers.get("x-total-count") ?? NaN);
  return Number.isNaN(total) ? rows >= size : soFar < total;
}
