/** The first rows of a list that are wanted. */
import { z } from "../deps/zod.ts";
import { type HttpClient, type Query, readLinks } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import type { LaneQuery } from "./forge.ts";
import type { Issue } from "./model.ts";
import { hasNames } from "./read_lane.ts";

type Listed = Pick<Issue, "number" | "milestone" | "labels">;

interface NewestOptions<Item extends z.ZodType, Picked> {
  readonly item: Item;
  readonly query: Query;
  readonly size: number;
  readonly sizeKey: string;
  readonly limit: number;
  /** The milestone and the labels of what is wanted: the server is not believed. */
  readonly lane: LaneQuery;
  /** What a row is; `undefined` where it is nothing that is wanted. */
  readonly pick: (row: z.output<Item>) => Picked | undefined;
}

/** How often a list is read anew that changed while it was read. */
const maxReadings = 6;

/**
 * The newest rows that are wanted, page after page until there are so many, or no more. One page is of one time. Of several
 * a row may be missed that moved from one to the other meanwhile: they are read until they come twice as they were.
 *
 * @throws {MusterError} of code `failed` for a list that never rests.
 */
export async function newestRows<Item extends z.ZodType, Picked extends Listed>(
  client: HttpClient,
  list: string,
  options: NewestOptions<Item, Picked>,
): Promise<Picked[]> {
  let last: string | undefined;
  for (let reading = 0; reading < maxReadings; reading++) {
    const { found, pages } = await readOnce(client, list, options);
    const numbers = found.map(({ number }) => number).join(" ");
    if (pages === 1 || numbers === last) return found;
    last = numbers;
  }
  throw new MusterError(
    "failed",
    `the list could not be read whole: it changed during each of ${maxReadings} readings`,
    {
      hint: "run it again when less is going on, or ask for fewer with --limit",
    },
  );
}

async function readOnce<Item extends z.ZodType, Picked extends Listed>(
  client: HttpClient,
  list: string,
  { item, query, size, sizeKey, limit, lane, pick }: NewestOptions<Item, Picked>,
) {
  const found: Picked[] = [];
  for (let page = 1;; page++) {
    const { data, headers } = await client.json(list, {
      schema: z.array(item),
      query: { ...query, page, [sizeKey]: size },
    });
    const rows = data as z.output<Item>[];
    found.push(...rows.map(pick).filter((one) => one !== undefined && hasNames(one, lane)) as Picked[]);
    const hasNext = readLinks(headers.get("link")).next !== undefined || (headers.get("x-next-page") ?? "") !== "";
    if (found.length >= limit || rows.length === 0 || !hasNext) return { found: found.slice(0, limit), pages: page };
  }
}
