import { assertEquals, assertRejects } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { MusterError, realIo } from "../io/mod.ts";
import { HttpClient } from "./client.ts";
import { HttpError } from "./http_error.ts";
import { readPages } from "./pages.ts";

type Style = "link" | "count" | "next" | "short" | "pages";

interface Server {
  readonly rows?: number;
  readonly style: Style;
  /** The most rows that it gives, whatever is asked for. */
  readonly clamp?: number;
  readonly fail?: number;
  /** Answers a page after the first only when another is asked for beside it. */
  readonly pairs?: boolean;
}

/** A list of numbers in pages, and which of them were asked for. */
function serve({ rows = 0, style, clamp = 50, fail, pairs = false }: Server) {
  const asked: number[] = [];
  const paired = Promise.withResolvers<void>();
  let now = 0;
  let most = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const query = new URL(url).searchParams;
    const page = Number(query.get("page"));
    const size = Math.min(Number(query.get("limit")), clamp);
    asked.push(page);
    most = Math.max(most, ++now);
    if (now > 1) paired.resolve();
    if (pairs && page > 1) await paired.promise;
    now--;
    if (page === fail) return Response.json({ message: "no" }, { status: 500 });
    const last = Math.max(1, Math.ceil(rows / size));
    const address = (at: number) => `${new URL(url).origin}/list?page=${at}&limit=${size}`;
    const link = [
      ...(page < last ? [`<${address(page + 1)}>; rel="next"`, `<${address(last)}>; rel="last"`] : []),
      ...(page > 1 ? [`<${address(1)}>; rel="first"`] : []),
    ];
    const headers: Record<string, string> = {
      ...(style === "link" && link.length > 0 ? { link: link.join(", ") } : {}),
      ...(style === "count" ? { "x-total-count": String(rows) } : {}),
      ...(style === "pages" ? { "x-total": String(rows), "x-total-pages": String(last) } : {}),
      ...(style === "next" || style === "pages" ? { "x-next-page": page < last ? String(page + 1) : "" } : {}),
    };
    const all = Array.from({ length: rows }, (_, at) => at);
    return Response.json(all.slice((page - 1) * size, page * size), { headers });
  });
  return {
    asked,
    get most() {
      return most;
    },
    client: new HttpClient(realIo, { baseUrl: `http://127.0.0.1:${server.addr.port}`, timeoutMs: 60_000, retries: 0 }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const options = { item: z.int(), size: 50, sizeKey: "limit" } as const;

Deno.test("a list is read whole, however the server says where it goes on", async () => {
  for (const style of ["link", "count", "next", "short", "pages"] as const) {
    for (const rows of [0, 1, 49, 50, 51, 100, 120]) {
      await using server = serve({ rows, style });
      const read = await readPages(server.client, "/list", { ...options, saysNext: style === "link" });
      assertEquals(read.rows, Array.from({ length: rows }, (_, at) => at), `${style} ${rows}`);
      // A full page of a server that says nothing may have another behind it.
      const most = Math.max(1, Math.ceil(rows / 50)) + (style === "short" && rows > 0 && rows % 50 === 0 ? 1 : 0);
      assertEquals(server.asked.length, most, `requests: ${style} ${rows}`);
      if (style === "count") assertEquals(read.totals, server.asked.map(() => rows));
    }
  }
});

Deno.test("a server that gives fewer rows than are asked for is read whole too", async () => {
  for (const style of ["link", "count", "next", "pages"] as const) {
    await using server = serve({ rows: 95, style, clamp: 30 });
    const { rows } = await readPages(server.client, "/list", options);
    assertEquals(rows, Array.from({ length: 95 }, (_, at) => at), style);
    assertEquals(server.asked.length, 4);
  }
});

Deno.test("pages are read side by side where their count is known, and so many at a time", async () => {
  for (const style of ["link", "count", "pages"] as const) {
    await using server = serve({ rows: 1_000, style, pairs: true });
    await readPages(server.client, "/list", { ...options, width: 5 });
    assertEquals([server.asked.length, server.most <= 5, server.most > 1], [20, true, true], style);
  }
});

Deno.test("a page that cannot be read is the error of the whole list", async () => {
  for (const style of ["link", "next"] as const) {
    for (const fail of [1, 2, 3]) {
      await using server = serve({ rows: 150, style, fail });
      const error = await assertRejects(() => readPages(server.client, "/list", options), HttpError);
      assertEquals(error.status, 500);
    }
  }
});

Deno.test("a list without end is an error", async () => {
  await using server = serve({ rows: 1_000, style: "next" });
  const error = await assertRejects(() => readPages(server.client, "/list", { ...options, maxPages: 3 }), MusterError);
  assertEquals(error.message, "list without end: /list: more than 3 pages");
});

Deno.test("pages that are known to be there are asked for at once, and those that are not after them", async () => {
  for (
    const [rows, known, pages] of [[120, 120, 3], [120, 60, 3], [120, 400, 8], [120, 0, 3], [0, 0, 1], [
      10,
      120,
      3,
    ]] as const
  ) {
    for (const style of ["link", "count", "next"] as const) {
      await using server = serve({ rows, style });
      const read = await readPages(server.client, "/list", { item: z.int(), size: 50, sizeKey: "limit", known });
      assertEquals(read.rows, Array.from({ length: rows }, (_, at) => at));
      assertEquals([read.pages, server.asked.length], [pages, pages]);
    }
  }
  await using server = serve({ rows: 120, style: "link", pairs: true });
  const answer = await readPages(server.client, "/list", { item: z.int(), size: 50, sizeKey: "limit", known: 120 });
  assertEquals([answer.rows.length, server.most > 1], [120, true]);
});
