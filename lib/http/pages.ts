/**
 * Lists that come in pages, read whole.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { MusterError } from "../io/mod.ts";
import { type Answer, type HttpClient, type Query, showRequest } from "./client.ts";
import { readLinks } from "./link_header.ts";
import { sideBySide } from "./side_by_side.ts";

/** Options of {@linkcode readPages}. */
export interface PagesOptions<Item extends z.ZodType> {
  /** What each row has to be. */
  readonly item: Item;
  /** The query, without page and size. */
  readonly query?: Query;
  /** The most rows that the server gives at a time. */
  readonly size: number;
  /** What the server calls that: `limit`, `per_page`, `perPage`. */
  readonly sizeKey: string;
  /** How many pages are read at the same time, where their count is known. @default {16} */
  readonly width?: number;
  /** The most pages that are read. @default {2_000} */
  readonly maxPages?: number;
  /** How many rows there are, where that is known: so many pages are asked for at once, and what more there is after them. */
  readonly known?: number;
  /** Whether the server always says where a list goes on, so that a full page that does not is the last. @default {false} */
  readonly saysNext?: boolean;
  /** Where the rows are, for an answer that is no array. */
  readonly rows?: string;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/** A list that was read to its end. */
export interface Pages<Row> {
  /** All rows, in the order of the pages. */
  readonly rows: readonly Row[];
  /** How many rows there are, as each page said it; empty where the server says nothing. */
  readonly totals: readonly number[];
  /** How many pages they came in. */
  readonly pages: number;
  /** The time of the earliest answer by the server's clock, in milliseconds since 1970; `undefined` where it says nothing. */
  readonly dateMs: number | undefined;
}

/**
 * Reads all pages of a list, side by side where the first one says how many there are (`Link`, `X-Total-Count`,
 * `X-Total`, `X-Total-Pages`), else one after the other until one says that it is the last or is short. A server may give
 * fewer rows at a time than are asked for.
 *
 * Rows that move from page to page meanwhile are not seen here: the caller compares the totals, or asks what changed.
 *
 * @throws {MusterError} where one page cannot be read: there is no list that is half read.
 */
export async function readPages<Item extends z.ZodType>(
  client: HttpClient,
  path: string,
  options: PagesOptions<Item>,
): Promise<Pages<z.output<Item>>> {
  const { item, rows: key, size, sizeKey, width = 16, known = 0, maxPages = 2_000, signal } = options;
  const list = z.array(item);
  const schema = (key === undefined ? list : z.object({ [key]: list })) as z.ZodType<z.output<typeof list>>;
  const read = async (page: number, stop = signal): Promise<Page<z.output<Item>>> => {
    if (page > maxPages) throw new MusterError("failed", `list without end: ${path}: more than ${maxPages} pages`);
    const answer = await client.json(path, {
      schema,
      query: { ...options.query, page, [sizeKey]: size },
      signal: stop,
    });
    const data = answer.data as unknown;
    const rows = (key === undefined ? data : (data as Record<string, unknown>)[key]) as z.output<Item>[];
    return describePage(page, rows, answer, options);
  };
  const pages: Page<z.output<Item>>[] = [];
  const readTo = async (last: number) => {
    if (last > maxPages) throw new MusterError("failed", `list without end: ${path}: ${last} pages`);
    const others = Array.from({ length: Math.max(0, last - pages.length) }, (_, at) => pages.length + at + 1);
    pages.push(...await sideBySide(others, read, { width, signal }));
  };
  await readTo(Math.max(1, Math.ceil(known / size)));
  await readTo(pages[0]?.last ?? 1);
  // Rows that came meanwhile stand on further pages.
  while (pages.at(-1)?.hasNext) pages.push(await read(pages.length + 1));
  const rows = pages.flatMap((page) => page.rows);
  const dates = pages.map(({ date }) => Date.parse(date ?? ""));
  const dateMs = Math.min(...dates); // one that is missing leaves none
  return {
    rows,
    totals: pages.flatMap(({ total }) => total === undefined ? [] : [total]),
    pages: pages.length,
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
  };
}

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
  /** The number of the last page, where the server says it. */
  readonly last: number | undefined;
  readonly hasNext: boolean;
  readonly date: string | null;
}

function describePage<Row>(
  number: number,
  rows: Row[],
  { headers, url }: Answer<unknown>,
  options: PagesOptions<z.ZodType>,
): Page<Row> {
  const { size, saysNext = false } = options;
  const links = readLinks(headers.get("link"));
  const total = readCount(headers.get("x-total-count") ?? headers.get("x-total"), url);
  const lastLink = links.last && URL.canParse(links.last, url) ? new URL(links.last, url) : undefined;
  // A server that clamps the size fills its pages all the same.
  const perPage = rows.length > 0 ? rows.length : size;
  const last = readCount(lastLink?.searchParams.get("page") ?? headers.get("x-total-pages"), url) ??
    (total !== undefined && number === 1 ? Math.ceil(total / perPage) : undefined);
  const nextPage = headers.get("x-next-page");
  const says = [
    ...(headers.has("link") ? [links.next !== undefined] : []),
    ...(nextPage === null ? [] : [nextPage !== ""]),
  ];
  const hasNext = says.length > 0
    ? says.includes(true)
    : total !== undefined
    ? last !== undefined && number < last
    : !saysNext && rows.length >= size;
  return { rows, total, last, hasNext, date: headers.get("date") };
}

function readCount(text: string | null | undefined, url: URL): number | undefined {
  if (text === null || text === undefined || text === "") return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new MusterError("failed", `answer of another shape: ${showRequest("GET", url)}: not a count: ${text}`);
}
