/** The first rows of a list that are wanted. */
import { z } from "../deps/zod.ts";
import { type HttpClient, type Query, readLinks } from "../http/mod.ts";

interface NewestOptions<Item extends z.ZodType, Picked> {
  readonly item: Item;
  readonly query: Query;
  readonly size: number;
  readonly sizeKey: string;
  readonly limit: number;
  /** What is wanted of a row; `undefined` where it is not. */
  readonly pick: (row: z.output<Item>) => Picked | undefined;
}

/** Reads page after page until there are so many, or no more. */
export async function newestRows<Item extends z.ZodType, Picked>(
  client: HttpClient,
  list: string,
  { item, query, size, sizeKey, limit, pick }: NewestOptions<Item, Picked>,
): Promise<Picked[]> {
  const found: Picked[] = [];
  for (let page = 1;; page++) {
    const { data, headers } = await client.json(list, {
      schema: z.array(item),
      query: { ...query, page, [sizeKey]: size },
    });
    const rows = data as z.output<Item>[];
    found.push(...rows.map(pick).filter((one) => one !== undefined));
    const hasNext = readLinks(headers.get("link")).next !== undefined || (headers.get("x-next-page") ?? "") !== "";
    if (found.length >= limit || rows.length === 0 || !hasNext) return found.slice(0, limit);
  }
}
