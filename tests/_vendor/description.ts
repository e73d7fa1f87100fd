/**
 * The API descriptions of the vendors, to which the servers of the tests are held. They stand in `../shared/specs` beside
 * the checkout and are no part of the project. Where that folder is missing the tests run all the same, and say so; in CI
 * they fail.
 *
 * @module
 */

import { addFormats, Ajv, type ValidateFunction } from "../../lib/deps/ajv.ts";

/** The vendors whose descriptions there are. */
export type Vendor = "gitea" | "forgejo" | "github" | "gitlab" | "woodpecker";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "body";
  readonly required?: boolean;
  readonly schema?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly items?: unknown;
}

interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

// deno-lint-ignore no-explicit-any -- a description is JSON of two versions of a format
type Json = any;

const files: Readonly<Record<Vendor, string>> = {
  gitea: "gitea-swagger.json",
  forgejo: "forgejo-swagger.json",
  github: "github-openapi.json",
  gitlab: "gitlab-openapi.json",
  woodpecker: "woodpecker-openapi.json",
};

/** Where the paths of a description begin. */
const bases: Readonly<Record<Vendor, string>> = {
  gitea: "/api/v1",
  forgejo: "/api/v1",
  github: "/api/v3",
  gitlab: "",
  woodpecker: "/api",
};

/** Where the descriptions are. */
const folder = new URL("../../../shared/specs/", import.meta.url);

/** What a vendor's operation takes and gives, and whether a call is so. */
export interface Match {
  /** The path as described: `/repos/{owner}/{repo}/issues`. */
  readonly template: string;
  /** The values of its parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

const loaded = new Map<Vendor, Description | undefined>();

/** The description of a vendor; `undefined` where the folder is missing, which is said once, and an error in CI. */
export function describe(vendor: Vendor): Description | undefined {
  if (!loaded.has(vendor)) loaded.set(vendor, load(vendor));
  return loaded.get(vendor);
}

function load(vendor: Vendor): Description | undefined {
  try {
    return new Description(vendor, JSON.parse(Deno.readTextFileSync(new URL(files[vendor], folder))));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const told = `no API description of ${vendor} in ${folder.pathname}: its server is not held to it`;
    if (Deno.env.get("CI") === "true") throw new Error(told, { cause: error });
    Deno.stderr.writeSync(new TextEncoder().encode(`${told}\n`));
    return undefined;
  }
}

/** One vendor's description. */
export class Description {
  readonly #vendor: Vendor;
  readonly #root: Json;
  readonly #ajv: Ajv;
  readonly #isSwagger: boolean;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(vendor: Vendor, root: Json) {
    this.#vendor = vendor;
    this.#root = nullAsType(vendor === "gitlab" ? { ...root, components: withoutGuesses(root.components) } : root);
    this.#isSwagger = root.swagger === "2.0";
    // strict is about schemas, not values; ours are other people's.
    this.#ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, logger: false });
    addFormats.default(this.#ajv, ["date-time", "date", "email", "uri"]);
    this.#ajv.addSchema(this.#root, "vendor");
  }

  /** The operation that a path is of: the one with the fewest parameters in its place. */
  match(method: string, pathname: string): Match | undefined {
    const base = bases[this.#vendor];
    if (!pathname.startsWith(`${base}/`)) return undefined;
    const path = pathname.slice(base.length);
    const found = Object.keys(this.#root.paths).flatMap((template) => {
      const params = matchTemplate(template, path);
      const hasMethod = method.toLowerCase() in this.#root.paths[template];
      return params && hasMethod ? [{ template, params }] : [];
    });
    return found.toSorted((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
  }

  /** What is wrong with a request. */
  requestProblems(method: string, { template, params }: Match, query: URLSearchParams, body: unknown): string[] {
    const operation = this.#operation(method, template);
    const parameters = this.#parameters(method, template);
    const problems = Object.entries(params).flatMap(([name, value]) => {
      const known = parameters.find((one) => one.in === "path" && one.name === name);
      return known ? this.#valueProblems(known, [value], `path ${name}`) : [`path ${name} is not described`];
    });
    for (const name of new Set(query.keys())) {
      // GitLab writes an array as name[].
      const plain = name.replace(/\[\]$/, "");
      const known = parameters.find((one) => one.in === "query" && (one.name === plain || one.name === name));
      const values = query.getAll(name);
      problems.push(
        ...known ? this.#valueProblems(known, values, `query ${name}`) : [`query ${name} is not described`],
      );
    }
    for (const { name, required, in: place } of parameters) {
      if (required && place === "query" && !query.has(name)) problems.push(`query ${name} is missing`);
    }
    const schema = this.#isSwagger
      ? parameters.find((one) => one.in === "body")?.schema
      : operation.requestBody?.content["application/json"]?.schema;
    if (body !== undefined && schema === undefined) problems.push("a body is not described");
    if (body !== undefined && schema !== undefined) {
      const own = this.#ownBody(template, method, body);
      problems.push(...this.#check(`${method} ${template} body`, schema, own).map((one) => `body ${one}`));
      problems.push(...this.#unknownKeys(schema, own).map((key) => `body has a key that is not described: ${key}`));
    }
    return problems;
  }

  /** What is wrong with an answer. */
  answerProblems(method: string, template: string, status: number, body: unknown): string[] {
    const operation = this.#operation(method, template);
    const response = this.#resolve(operation.responses[String(status)]);
    if (response === undefined) {
      // What goes wrong is described less than what does not.
      return status >= 400 ? [] : [`status ${status} is not described for ${method} ${template}`];
    }
    const described = this.#isSwagger ? response.schema : response.content?.["application/json"]?.schema;
    if (described === undefined || status >= 400) return [];
    const overridden = this.#ownAnswer(template, described);
    // Swagger has no nullable, and Go's nil pointers and slices are null; GitLab's entities do not say either.
    const isLoose = this.#vendor !== "github";
    const value = isLoose ? withoutNulls(body) : body;
    // GitLab types a list by its item.
    const isItem = this.#vendor === "gitlab" && Array.isArray(value) && this.#resolve(overridden).type !== "array";
    const schema = isItem ? { type: "array", items: overridden } : overridden;
    return [
      ...this.#check(`${method} ${template} ${status} ${isItem}`, schema, value).map((one) => `answer ${one}`),
      ...this.#unknownKeys(schema, value).map((key) => `answer has a key that is not described: ${key}`),
    ];
  }

  /** The least that a schema of the description allows, for a server to put its own values into. */
  sample(name: string): Json {
    return this.#least({ $ref: `#/components/schemas/${name}` });
  }

  #least(schema: Json): Json {
    const known = this.#resolve(schema);
    if (known.nullable || known.anyOf?.some((one: Json) => one.type === "null")) return null;
    if (known.enum) return known.enum[0];
    if (known.allOf) return Object.assign({}, ...known.allOf.map((one: Json) => this.#least(one)));
    const [option] = known.oneOf ?? known.anyOf ?? [];
    if (option) return this.#least(option);
    switch (known.type) {
      case "object": {
        const required: string[] = known.required ?? [];
        return Object.fromEntries(required.map((key) => [key, this.#least(known.properties[key])]));
      }
      case "array":
        return [];
      case "integer":
      case "number":
        return 0;
      case "boolean":
        return false;
      case "string":
        return { "date-time": "2026-01-01T00:00:00Z", "uri": "https://example.org/", "email": "a@example.org" }[
          known.format as string
        ] ?? "";
      default:
        return null;
    }
  }

  /** Where a body is right and its description is not: see specs/README.md. */
  #ownBody(template: string, method: string, body: unknown): unknown {
    if (this.#vendor !== "gitea" || method !== "POST" || !template.endsWith("/merge")) return body;
    const names: Readonly<Record<string, string>> = {
      Do: "do",
      MergeTitleField: "merge_title_field",
      MergeMessageField: "merge_message_field",
      MergeCommitID: "merge_commit_id",
    };
    return Object.fromEntries(Object.entries(body as object).map(([key, value]) => [names[key] ?? key, value]));
  }

  /** Where an answer is right and its description is not: see specs/README.md. */
  #ownAnswer(template: string, schema: unknown): unknown {
    const isNote = this.#vendor === "gitlab" && template.endsWith("/closes_issues");
    return isNote ? { $ref: "#/components/schemas/APIEntitiesIssue" } : schema;
  }

  #operation(method: string, template: string): Operation {
    return this.#root.paths[template][method.toLowerCase()];
  }

  #parameters(method: string, template: string): Parameter[] {
    const own = this.#operation(method, template).parameters ?? [];
    const shared = this.#root.paths[template].parameters ?? [];
    return [...own, ...shared].map((one) => this.#resolve(one));
  }

  #valueProblems(parameter: Parameter, values: readonly string[], where: string): string[] {
    const { type, format, items } = parameter;
    const schema = parameter.schema ??
      { type, items, ...(parameter.enum ? { enum: parameter.enum } : {}), ...(format ? { format } : {}) };
    const resolved = this.#resolve(schema);
    // A list comes as several, or as one word with commas; a number and a boolean come as words.
    const read = (value: string) => {
      const number = Number(value);
      if (value === "true" || value === "false") return [value === "true", value];
      return value.trim() !== "" && !Number.isNaN(number) ? [number, value] : [value];
    };
    const candidates: unknown[] = resolved.type === "array"
      ? [values, values.flatMap((value) => value.split(",")), values.flatMap((value) => value.split(",")).map(Number)]
      : values.length === 1
      ? read(values[0] as string)
      : [];
    const problems = candidates.map((value) => this.#check(where + JSON.stringify(schema), schema, value));
    if (problems.some((found) => found.length === 0)) return [];
    return [
      `${where} is not what is described: ${JSON.stringify(values)}: ${problems[0]?.[0] ?? "given several times"}`,
    ];
  }

  #check(name: string, schema: unknown, value: unknown): string[] {
    let validate = this.#validators.get(name);
    if (!validate) {
      validate = this.#ajv.compile(this.#absolute(schema) as object);
      this.#validators.set(name, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
  }

  /** The keys of a value that its schema, where it is a plain table, does not have. */
  #unknownKeys(schema: unknown, value: unknown, where = ""): string[] {
    const known = this.#resolve(schema);
    if (known === undefined || typeof value !== "object" || value === null) return [];
    if (Array.isArray(value)) return value.flatMap((one) => this.#unknownKeys(known.items, one, `${where}[]`));
    if (!known.properties || known.additionalProperties || known.allOf || known.anyOf || known.oneOf) return [];
    return Object.entries(value).flatMap(([key, child]) =>
      key in known.properties ? this.#unknownKeys(known.properties[key], child, `${where}.${key}`) : [`${where}.${key}`]
    );
  }

  #resolve(value: Json): Json {
    let at = value;
    while (at && typeof at.$ref === "string") {
      at = at.$ref.slice(2).split("/").reduce((from: Json, part: string) => from?.[decodePointer(part)], this.#root);
    }
    return at;
  }

  /** The same schema with its references into the description. */
  #absolute(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map((one) => this.#absolute(one));
    if (typeof schema !== "object" || schema === null) return schema;
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [
        key,
        key === "$ref" && typeof value === "string" && value.startsWith("#") ? `vendor${value}` : this.#absolute(value),
      ]),
    );
  }
}

/** `nullable` beside no type is OpenAPI 3.0 and no JSON Schema: written as another option. */
function nullAsType(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(nullAsType);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, ...others } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, nullAsType(value)]),
  );
  if (nullable === undefined) return others;
  // A null is no value of an enum by itself.
  if (nullable === true && Array.isArray(others.enum)) return { ...others, nullable, enum: [...others.enum, null] };
  if (typeof nullable !== "boolean" || "type" in others) return { ...others, nullable };
  return nullable ? { anyOf: [others, { type: "null" }] } : others;
}

/**
 * GitLab's generator writes `{"type": "string"}`, and nothing beside it, for each field of an entity that nobody
 * described, such as a label's number; and a list of entities as one of them. The one says nothing, the other is either.
 */
function withoutGuesses(components: Json): Json {
  const entities = Object.entries(components.schemas).map(([name, schema]: [string, Json]) => {
    if (!name.startsWith("APIEntities") || !schema.properties) return [name, schema];
    const properties = Object.entries(schema.properties).map(([key, property]: [string, Json]) => {
      if (Object.keys(property).join() === "type" && property.type === "string") return [key, {}];
      return [key, property.$ref ? { anyOf: [property, { type: "array", items: property }] } : property];
    });
    return [name, { ...schema, properties: Object.fromEntries(properties) }];
  });
  return { ...components, schemas: Object.fromEntries(entities) };
}

function decodePointer(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The parameters of a path that a template describes; `undefined` where it describes another. */
function matchTemplate(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, name) => {
    names.push(name);
    // A full name has its slashes.
    return name.endsWith("full_name") ? "(.+)" : "([^/]+)";
  });
  const found = new RegExp(`^${pattern}$`).exec(path);
  return found
    ? Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? "")]))
    : undefined;
}

/** The value without keys whose value is null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => child === null ? [] : [[key, withoutNulls(child)]]),
  );
}
