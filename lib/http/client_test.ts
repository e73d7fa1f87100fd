import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { type ExpectedRequest, fakeIo } from "../io/fake.ts";
import { MusterError, NetworkError, realIo } from "../io/mod.ts";
import { HttpClient, type HttpOptions } from "./client.ts";
import { HttpError } from "./http_error.ts";

const anything = z.unknown();
const base = "https://git.example.org/api";
const token = { header: "Authorization", prefix: "token ", secret: "s3cret" };

/** A client on a network on which only what is expected is asked. */
function faked(requests: readonly ExpectedRequest[], options: Partial<HttpOptions> = {}) {
  const io = fakeIo({ requests });
  const said: string[] = [];
  const client = new HttpClient(io, {
    baseUrl: base,
    token,
    timeoutMs: 300_000,
    say: (line) => said.push(line),
    ...options,
  });
  return { io, client, said };
}

/** A server on loopback, and what it was asked. */
function serve(handler: (request: Request) => Response | Promise<Response>, tls: { cert?: string; key?: string } = {}) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls }, async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search} ${request.headers.get("authorization") ?? "-"}`);
    return await handler(request);
  });
  const { port } = server.addr;
  return { asked, port, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A server that answers each connection with the next of these bytes, and hangs up. */
function serveBytes(answers: readonly string[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let asked = 0;
  const running = (async () => {
    for await (const connection of listener) {
      const answer = answers[asked++] ?? "";
      await connection.read(new Uint8Array(65_536));
      if (answer !== "") await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await running;
    },
  };
}

function real(baseUrl: string, options: Partial<HttpOptions> = {}): HttpClient {
  return new HttpClient(realIo, { baseUrl, token, timeoutMs: 60_000, ...options });
}

const whole = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n[1,";

Deno.test("the token goes in its header, the query is encoded, the body is JSON", async () => {
  const { io, client } = faked([{
    method: "POST",
    url: `${base}/a?labels=a+b%2Cc&labels=%C3%A9&page=2`,
    headers: { authorization: "token s3cret", accept: "application/json", "content-type": "application/json" },
    body: '{"title":"é\\n"}',
    answer: { status: 201, body: "[]" },
  }]);
  const query = { labels: ["a b,c", "é"], page: 2, milestone: undefined };
  const { status, data } = await client.json("/a", {
    schema: z.array(anything),
    method: "POST",
    query,
    body: { title: "é\n" },
  });
  assertEquals([status, data], [201, []]);
  io.verify();
});

Deno.test("a whole address is asked only at the client's own origin", () => {
  const { client } = faked([]);
  assertEquals(
    client.url("https://git.example.org/other?page=2", { page: 3 }).href,
    "https://git.example.org/other?page=3",
  );
  for (const address of ["https://evil.example/a", "http://git.example.org/a", "https://git.example.org:444/a"]) {
    const error = assertThrows(() => client.url(address), MusterError);
    assertEquals(error.code, "failed");
    assertStringIncludes(error.message, "address of another host: ");
  }
});

Deno.test("a redirect on the same host is followed by a read, the token with it", async () => {
  await using server = serve(({ url }) =>
    new URL(url).pathname === "/new"
      ? Response.json({ ok: true })
      : new Response(null, { status: 301, headers: { location: "/new" } })
  );
  const { data, url } = await real(server.url).json("/old", { schema: anything });
  assertEquals([data, url.pathname], [{ ok: true }, "/new"]);
  assertEquals(server.asked, ["GET /old token s3cret", "GET /new token s3cret"]);
});

Deno.test("a redirect to another host is an error, and that host is not asked", async () => {
  for (const status of [301, 302, 307, 308]) {
    await using other = serve(() => Response.json({}));
    await using server = serve(() => new Response(null, { status, headers: { location: `${other.url}/a` } }));
    const error = await assertRejects(() => real(server.url).json("/a", { schema: anything }), MusterError);
    assertEquals(error.message, `redirected to another host: GET ${server.url}/a: ${other.url}`);
    assertEquals([server.asked.length, other.asked], [1, []]);
  }
});

Deno.test("a redirect that turns a change into a read is an error, and so is one without end", async () => {
  await using server = serve(() => new Response(null, { status: 302, headers: { location: "/a" } }));
  const changed = await assertRejects(
    () => real(server.url).json("/a", { schema: anything, method: "POST", body: {} }),
    MusterError,
  );
  assertEquals(changed.message, `redirected: POST ${server.url}/a: to /a`);
  assertEquals(server.asked.length, 1);
  const endless = await assertRejects(() => real(server.url).json("/a", { schema: anything }), MusterError);
  assertEquals(endless.message, `redirected without end: ${server.url}/a`);
});

Deno.test("a read is tried again after 502, 503 and 504, a change is not", async () => {
  const url = `${base}/a`;
  const { io, client } = faked([502, 503, 504, 200].map((status) => ({ url, answer: { status, body: "1" } })));
  assertEquals((await client.json("/a", { schema: anything })).data, 1);
  assertEquals(client.requests, 4);
  io.verify();

  const post = async (status: number, headers = {}) => {
    const one = faked([{ method: "POST", url, answer: { status, headers, body: '{"message":"no"}' } }]);
    const error = await assertRejects(
      () => one.client.json("/a", { schema: anything, method: "POST", body: 1 }),
      MusterError,
    );
    one.io.verify();
    return error.message;
  };
  assertEquals(await post(500), `refused with status 500: POST ${url}: no`);
  // Who asks for time has not begun; a gateway that gave up does not know.
  assertEquals(await post(503, { "retry-after": "1" }), `refused with status 503: POST ${url}: no`);
  for (const status of [502, 503, 504]) {
    assertEquals(await post(status), `not known whether it was done: POST ${url}: status ${status}`);
  }
});

Deno.test("an outage that lasts is told after the retries, or at the deadline", async () => {
  const url = `${base}/a`;
  const bad = (count: number) => Array.from({ length: count }, () => ({ url, answer: { status: 502, body: "<h1>" } }));
  const { io, client } = faked(bad(3), { retries: 2 });
  const error = await assertRejects(() => client.json("/a", { schema: anything }), HttpError);
  assertEquals([error.status, error.code, error.message], [
    502,
    "failed",
    `refused with status 502: GET ${url}: (HTML)`,
  ]);
  io.verify();

  const lasting = faked(bad(40), { retries: Infinity, timeoutMs: 60_000 });
  const late = await assertRejects(() => lasting.client.json("/a", { schema: anything }), MusterError);
  assertEquals(late.code, "timeout");
});

Deno.test("what a server asks to wait is waited, and said; a change too, since it was not made", async () => {
  const url = `${base}/a`;
  const reset = String(Date.UTC(2026, 0, 1) / 1000 + 20);
  const cases = [
    [{ status: 429, headers: { "retry-after": "7" } }, 7],
    [{ status: 429 }, 60],
    [{ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } }, 21],
    [{ status: 403, headers: { "retry-after": "3", "x-ratelimit-reset": reset } }, 3],
    [{ status: 429, headers: { "ratelimit-remaining": "0", "ratelimit-reset": reset } }, 21],
  ] as const;
  for (const method of ["GET", "POST"] as const) {
    for (const [answer, seconds] of cases) {
      const { io, client, said } = faked([{ method, url, answer }, { method, url, answer: { body: "1" } }]);
      const before = io.clock.elapsed();
      assertEquals((await client.json("/a", { schema: anything, method })).data, 1);
      assertEquals(io.clock.elapsed() - before, seconds * 1000);
      assertEquals(said, [`git.example.org answered ${answer.status}: asking again in ${seconds} s`]);
      io.verify();
    }
  }
});

Deno.test("a limit without a word of how long is waited for twice as long the second time", async () => {
  const url = `${base}/a`;
  const { io, client } = faked([{ url, answer: { status: 429 } }, { url, answer: { status: 429 } }, {
    url,
    answer: { body: "1" },
  }]);
  await client.json("/a", { schema: anything });
  assertEquals(io.clock.elapsed(), 180_000);
});

Deno.test("a wait past the deadline is not begun", async () => {
  const url = `${base}/a`;
  const { io, client } = faked([{ url, answer: { status: 429, headers: { "retry-after": "31" } } }], {
    timeoutMs: 30_000,
  });
  const error = await assertRejects(() => client.json("/a", { schema: anything }), MusterError);
  assertEquals([error.code, error.message, error.hint], [
    "timeout",
    "rate limit reached: git.example.org answered 429, and may be asked again in 31 s",
    "that is past the deadline of 30000 ms: --timeout gives it longer",
  ]);
  assertEquals(io.clock.elapsed(), 0);
});

Deno.test("a refusal says what and why, with its code; the token is masked where it is repeated", async () => {
  const url = `${base}/a`;
  const cases = [
    [401, '{"message":"token s3cret is bad"}', "failed", `token refused: GET ${url}: token *** is bad`],
    [403, "{}", "failed", `forbidden: GET ${url}`],
    [404, '{"error":"no","errors":["a",{"message":"b"}]}', "not_found", `not found: GET ${url}: no (a; b)`],
    [410, "gone", "not_found", `not found: GET ${url}: gone`],
    [
      422,
      '{"message":{"title":["can\'t be\\nblank"]}}',
      "failed",
      `refused with status 422: GET ${url}: {"title":["can't be\\nblank"]}`,
    ],
    [500, "", "failed", `refused with status 500: GET ${url}`],
  ] as const;
  for (const [status, body, code, message] of cases) {
    const { client } = faked([{ url, answer: { status, body } }]);
    const error = await assertRejects(() => client.json("/a", { schema: anything }), HttpError);
    assertEquals([error.status, error.code, error.message], [status, code, message]);
  }
});

Deno.test("an answer of another shape names the field; HTML and broken JSON are told", async () => {
  const url = `${base}/a`;
  const schema = z.array(z.object({ head: z.object({ ref: z.string() }) }));
  const cases = [
    [
      '[{"head":{"ref":"a"}},{"head":{"ref":1}}]',
      `answer of another shape: GET ${url}: [1].head.ref: expected string, got number`,
    ],
    ["{}", `answer of another shape: GET ${url}: expected array, got table`],
    ["", `answer of another shape: GET ${url}: expected array, got undefined`],
    ["\n<!doctype html>\n", `HTML in place of JSON: GET ${url}: "<!doctype html>\\n"`],
    ["[1", `broken JSON: GET ${url}: "[1"`],
  ] as const;
  for (const [body, message] of cases) {
    const { client } = faked([{ url, answer: { body } }]);
    const error = await assertRejects(() => client.json("/a", { schema }), MusterError);
    assertEquals([error.code, error.message], ["failed", message]);
  }
});

Deno.test("an answer is read up to its bound", async () => {
  const url = `${base}/a`;
  const { client } = faked([{ url, answer: { body: "12345" } }, { url, answer: { body: "123456" } }], { maxBytes: 5 });
  assertEquals((await client.json("/a", { schema: anything })).data, 12345);
  const error = await assertRejects(() => client.json("/a", { schema: anything }), MusterError);
  assertEquals(error.message, `answer is too long: GET ${url}: more than 5 bytes`);
});

Deno.test("a conditional request is answered by what is known where nothing changed", async () => {
  const url = `${base}/a`;
  const { io, client } = faked([
    { url, answer: { headers: { etag: '"1"' }, body: "[1]" } },
    { url, headers: { "if-none-match": '"1"' }, answer: { status: 304 } },
    { url, headers: { "if-none-match": '"1"' }, answer: { headers: { etag: '"2"' }, body: "[2]" } },
    { url, headers: { "if-none-match": '"2"' }, answer: { status: 304 } },
  ]);
  const seen = [];
  for (let at = 0; at < 4; at++) {
    const { data, notModified } = await client.json("/a", { schema: z.array(z.int()), conditional: true });
    seen.push([data, notModified]);
  }
  assertEquals(seen, [[[1], false], [[1], true], [[2], false], [[2], true]]);
  io.verify();
});

Deno.test("a body that is cut short is read again; of a change, nobody knows whether it was made", async () => {
  await using server = serveBytes([cut, "", whole("[1]")]);
  assertEquals((await real(server.url).json("/a", { schema: anything })).data, [1]);
  assertEquals(server.asked, 3);

  await using other = serveBytes([cut, ""]);
  for (const told of ["answered 200, then answer was cut short: ", "cannot reach "]) {
    const error = await assertRejects(
      () => real(other.url).json("/a", { schema: anything, method: "POST", body: {} }),
      MusterError,
    );
    assertEquals(error.code, "failed");
    assertStringIncludes(error.message, `not known whether it was done: POST ${other.url}/a: ${told}`);
  }
  assertEquals(other.asked, 2);
});

Deno.test("a host that is not there is named", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const refused = await assertRejects(
    () => real(`http://127.0.0.1:${port}`, { retries: 1 }).json("/a", { schema: anything }),
    NetworkError,
  );
  assertEquals([refused.fault, refused.message], [
    "connect",
    `cannot reach 127.0.0.1:${port}: tcp connect error: Connection refused`,
  ]);
  const unknown = await assertRejects(
    () => real("http://muster.invalid", { retries: 0 }).json("/a", { schema: anything }),
    NetworkError,
  );
  assertEquals(unknown.fault, "name");
});

Deno.test("a server that does not answer is given up on at the deadline, which is named", async () => {
  const hung = Promise.withResolvers<void>();
  await using server = serve(async () => {
    await hung.promise;
    return new Response("1");
  });
  try {
    const error = await assertRejects(
      () => real(server.url, { timeoutMs: 200 }).json("/a", { schema: anything }),
      MusterError,
    );
    assertEquals([error.code, error.message], [
      "timeout",
      `time ran out after 200 ms waiting for 127.0.0.1:${server.port}: no answer`,
    ]);
  } finally {
    hung.resolve();
  }
});

Deno.test("an interruption ends a request with its reason", async () => {
  const stop = new AbortController();
  const reason = new MusterError("interrupted", "interrupted: SIGINT");
  const hung = Promise.withResolvers<void>();
  await using server = serve(async () => {
    stop.abort(reason);
    await hung.promise;
    return new Response("1");
  });
  try {
    assertEquals(
      await assertRejects(() => real(server.url, { signal: stop.signal }).json("/a", { schema: anything })),
      reason,
    );
  } finally {
    hung.resolve();
  }
});

Deno.test("a certificate of one's own authority is believed for its host, and no other", async () => {
  const directory = await Deno.makeTempDir({ prefix: "muster-tls-" });
  try {
    const certificate = async (name: string) => {
      const script =
        `cd "$1" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key \
-out ca.pem -days 2 -subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE &&
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out csr -subj /CN=x &&
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "$2" > ext &&
openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert`;
      const { success, stderr } = await new Deno.Command("sh", { args: ["-c", script, "sh", directory, name] })
        .output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      const [cert, key, ca] = ["cert", "key", "ca.pem"].map((file) => Deno.readTextFileSync(`${directory}/${file}`));
      return { cert, key, ca };
    };
    const right = await certificate("IP:127.0.0.1");
    {
      await using server = serve(() => Response.json([1]), right);
      const url = `https://127.0.0.1:${server.port}`;
      assertEquals((await real(url, { ca: right.ca }).json("/a", { schema: anything })).data, [1]);
      const error = await assertRejects(() => real(url).json("/a", { schema: anything }), NetworkError);
      assertEquals(error.fault, "certificate");
      assertEquals(server.asked.length, 1);
    }
    const wrong = await certificate("DNS:other.example");
    await using server = serve(() => Response.json([1]), wrong);
    const client = real(`https://127.0.0.1:${server.port}`, { ca: wrong.ca });
    const error = await assertRejects(() => client.json("/a", { schema: anything }), NetworkError);
    assertEquals([error.fault, client.requests, server.asked], ["certificate", 1, []]);
    assert(error.hint?.includes("ca in forges.toml"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the permission that is missing is named with host and port", async () => {
  const io = fakeIo({ denied: ["--allow-net=git.example.org:443"] });
  const client = new HttpClient(io, { baseUrl: base, timeoutMs: 1_000 });
  const error = await assertRejects(() => client.json("/a", { schema: anything }), MusterError);
  assertEquals([error.code, error.message], ["permission", "missing permission: --allow-net=git.example.org:443"]);
});

Deno.test("events are read as they come; a stream that is cut, silent, too long or none is told", async () => {
  const body = (parts: readonly string[], end: "close" | "hold" | "error") =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
        if (end === "close") controller.close();
        if (end === "error") controller.error(new Error("cut"));
      },
    });
  const answers = new Map<string, () => Response>([
    [
      "/good",
      () =>
        new Response(body([": ping\n\nda", "ta: 1\n\ndata: é\n\n"], "close"), {
          headers: { "content-type": "text/event-stream; charset=utf-8" },
        }),
    ],
    [
      "/silent",
      () => new Response(body(["data: 1\n\n"], "hold"), { headers: { "content-type": "text/event-stream" } }),
    ],
    [
      "/long",
      () =>
        new Response(body([`data: ${"x".repeat(200)}`, "y"], "hold"), {
          headers: { "content-type": "text/event-stream" },
        }),
    ],
    ["/html", () => new Response("<p>", { headers: { "content-type": "text/html" } })],
    ["/refused", () => new Response('{"message":"no"}', { status: 403 })],
  ]);
  await using server = serve(({ url }) =>
    answers.get(new URL(url).pathname)?.() ?? new Response(null, { status: 404 })
  );
  const client = real(server.url);
  const collect = async (path: string) => {
    const seen: string[] = [];
    try {
      for await (const { data } of await client.events(path, { idleMs: 300, maxLength: 100 })) seen.push(data);
      return [...seen, "end"];
    } catch (error) {
      return [...seen, error instanceof Error ? error.message : error];
    }
  };
  assertEquals(await collect("/good"), ["1", "é", "end"]);
  assertEquals(await collect("/silent"), ["1", `stream is silent: GET ${server.url}/silent: nothing for 300 ms`]);
  assertEquals(await collect("/long"), [`event is too long: GET ${server.url}/long: more than 100 characters`]);
  assertEquals(await collect("/html"), [`not a stream of events: GET ${server.url}/html: text/html`]);
  assertEquals(await collect("/refused"), [`forbidden: GET ${server.url}/refused: no`]);

  await using half = serveBytes([
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
  ]);
  const seen: string[] = [];
  const error = await assertRejects(async () => {
    for await (const { data } of await real(half.url).events("/a")) seen.push(data);
  }, NetworkError);
  assertEquals([seen, error.fault], [["1"], "cut"]);
});

Deno.test("a body that is opened is read as it comes, from another host without the token", async () => {
  await using other = serve(() => new Response("one\ntwo\n"));
  await using server = serve(() =>
    new Response(null, { status: 302, headers: { location: `${other.url}/log?sig=1` } })
  );
  const { body } = await real(server.url).open("/log");
  assertEquals(await new Response(body).text(), "one\ntwo\n");
  assertEquals([server.asked, other.asked], [["GET /log token s3cret"], ["GET /log?sig=1 -"]]);
});

Deno.test("a body that is refused is an error with its status", async () => {
  await using server = serve(() => Response.json({ message: "gone" }, { status: 410 }));
  const error = await assertRejects(() => real(server.url).open("/log"), HttpError);
  assertEquals([error.status, error.code, error.reason], [410, "not_found", "gone"]);
});
