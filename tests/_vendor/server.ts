/**
 * A server on loopback in place of a vendor's, held to the vendor's own description: a request whose path, parameters or
 * body it does not describe, an answer that is not as described, and a call that the test did not tell it to expect are
 * each a problem, and {@linkcode VendorServer.verify} throws for it. A test closes it with `await using`, which verifies.
 *
 * @example
 * ```ts ignore
 * await using server = VendorServer.open("gitea");
 * server.on("GET", "/version", () => ({ body: { version: "1.26.3" } }));
 * const answer = await fetch(`${server.url}/api/v1/version`);
 * ```
 *
 * @module
 */

import { describe, type Description, type Vendor } from "./description.ts";

/** A request, as its handler sees it. */
export interface Call {
  readonly method: string;
  /** The path as described, such as `/repos/{owner}/{repo}/issues`. */
  readonly template: string;
  /** The values in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as JSON; `undefined` where there is none. */
  // deno-lint-ignore no-explicit-any -- checked against the description
  readonly body: any;
  readonly headers: Headers;
  readonly url: URL;
}

/** What a handler answers; a `Response` goes out as it is, unchecked: that is for what goes wrong. */
export interface Given {
  /** @default {200} */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a call. */
export type Handler = (call: Call) => Given | Response | Promise<Given | Response>;

/** Options of {@linkcode VendorServer.open}. */
export interface VendorServerOptions {
  /** A certificate and its key, as PEM: the server then speaks https. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What stands before every path, such as `/sub`. @default {""} */
  readonly below?: string;
  /** Answers without looking at the description again: for what is measured. @default {false} */
  readonly isUnchecked?: boolean;
}

/** A server in place of a vendor's; see the module. */
export class VendorServer implements AsyncDisposable {
  /** What was asked, in order. */
  readonly calls: Call[] = [];
  /** What was not as it should be. */
  readonly problems: string[] = [];
  /** Called before every handler: an answer of its own is given in place of the handler's. */
  before: ((call: Call) => Response | undefined | Promise<Response | undefined>) | undefined;
  /** Called for a path that the description does not have; `undefined` where that is not expected either. */
  other: ((call: Call) => Given | undefined | Promise<Given | undefined>) | undefined;
  readonly #description: Description | undefined;
  readonly #handlers = new Map<string, Handler>();
  readonly #raw = new Map<string, Handler>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #options: VendorServerOptions;

  private constructor(vendor: Vendor, options: VendorServerOptions) {
    this.#description = describe(vendor);
    this.#options = options;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...options.tls },
      (request) =>
        this.#answer(request).catch((error) =>
          this.#problem(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}`)
        ),
    );
  }

  /** Opens one; it knows no call yet. */
  static open(vendor: Vendor, options: VendorServerOptions = {}): VendorServer {
    return new VendorServer(vendor, options);
  }

  /** `127.0.0.1` and the port. */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** Where it is: `http://127.0.0.1:…`, and what stands before every path. */
  get url(): string {
    return `${this.#options.tls ? "https" : "http"}://${this.host}${this.#options.below ?? ""}`;
  }

  /** Expects calls of a method and a described path. */
  on(method: string, template: string, handler: Handler): this {
    this.#handlers.set(`${method} ${template}`, handler);
    return this;
  }

  /** Expects calls of a path that the description does not have, such as a GraphQL endpoint; they are checked by nobody here. */
  onOther(method: string, pathname: string, handler: Handler): this {
    this.#raw.set(`${method} ${pathname}`, handler);
    return this;
  }

  /** The calls of a method and a path. */
  callsOf(method: string, template: string): Call[] {
    return this.calls.filter((call) => call.method === method && call.template === template);
  }

  /** Throws unless all was as it should be. */
  verify(): void {
    if (this.problems.length > 0) throw new Error(`Not as the vendor describes it:\n${this.problems.join("\n")}`);
  }

  /** Closes the server, and verifies. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.verify();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { method } = request;
    const below = this.#options.below ?? "";
    const pathname = url.pathname.startsWith(below) ? url.pathname.slice(below.length) : url.pathname;
    const text = await request.text();
    const raw = this.#raw.get(`${method} ${pathname}`);
    const match = raw ? undefined : this.#match(method, pathname);
    let body: unknown;
    try {
      body = text === "" ? undefined : JSON.parse(text);
    } catch {
      return this.#problem(`${method} ${pathname}: the body is no JSON: ${text.slice(0, 80)}`);
    }
    const template = match?.template ?? pathname;
    const call: Call = {
      method,
      template,
      params: match?.params ?? {},
      query: url.searchParams,
      body,
      headers: request.headers,
      url,
    };
    this.calls.push(call);
    const handler = raw ?? this.#handlers.get(`${method} ${template}`);
    if (!raw && !match && this.other) {
      const early = await this.before?.(call);
      if (early) return early;
      const given = await this.other(call);
      if (given) return toResponse(given);
    }
    if (!raw && this.#description && !match) return this.#problem(`not described: ${method} ${pathname}`);
    if (!handler) return this.#problem(`not expected: ${method} ${pathname}${url.search}`);
    const isChecked = !this.#options.isUnchecked;
    if (isChecked && match && this.#description) {
      const wrong = this.#description.requestProblems(method, match, call.query, body);
      if (wrong.length > 0) return this.#problem(`${method} ${pathname}${url.search}: ${wrong.join("; ")}`);
    }
    const early = await this.before?.(call);
    if (early) return early;
    let given: Given | Response;
    try {
      given = await handler(call);
    } catch (error) {
      return this.#problem(
        `${method} ${pathname}: the handler failed: ${error instanceof Error ? error.stack : error}`,
      );
    }
    if (given instanceof Response) return given;
    const { status = 200, headers } = given;
    if (isChecked && match && this.#description) {
      const wrong = this.#description.answerProblems(method, template, status, given.body);
      if (wrong.length > 0) return this.#problem(`${method} ${pathname} ${status}: ${wrong.slice(0, 5).join("; ")}`);
    }
    return toResponse({ ...given, status, headers });
  }

  /** Without a description, the handlers' own templates tell. */
  #match(method: string, pathname: string) {
    if (this.#description) return this.#description.match(method, pathname);
    const found = [...this.#handlers.keys()].flatMap((key) => {
      const [of, template = ""] = key.split(" ");
      if (of !== method) return [];
      const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      const pattern = new RegExp(`(?:/api/v1|/api/v3|/api)?${template.replace(/\{\w+\}/g, "([^/]+)")}$`);
      const values = pattern.exec(pathname)?.slice(1);
      if (!values) return [];
      return [{
        template,
        params: Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at] ?? "")])),
      }];
    });
    return found.toSorted((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
  }

  #problem(what: string): Response {
    this.problems.push(what);
    return Response.json({ message: `the test's server: ${what}` }, { status: 500 });
  }
}

function toResponse({ status = 200, headers, body }: Given): Response {
  if (body === undefined) return new Response(null, { status, headers });
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}
