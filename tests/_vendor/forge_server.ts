/**
 * A forge on loopback: one model behind one vendor's API, held to that vendor's description; GitHub's GraphQL is run by
 * GitHub's own published schema.
 *
 * @module
 */

import { buildSchema, execute, githubSchema, type GraphQLSchema, parse, validate } from "../../lib/deps/graphql.ts";
import { forgeHandlers, type ForgeModel, type ForgeVendor, graphRoot, otherHandlers } from "./forge_model.ts";
import { type Call, type Given, VendorServer, type VendorServerOptions } from "./server.ts";

let schema: GraphQLSchema | undefined;

/** Opens a server for a model. Its address becomes the model's. */
export function openForgeServer(
  vendor: ForgeVendor,
  model: ForgeModel,
  options: VendorServerOptions = {},
): VendorServer {
  const server = VendorServer.open(vendor, options);
  for (const [method, template, handler] of forgeHandlers(model, vendor)) server.on(method, template, handler);
  server.other = (call) => otherHandlers(model, vendor, call);
  if (vendor === "github") server.onOther("POST", "/api/graphql", (call) => graph(server, model, call));
  model.url = server.url;
  return server;
}

async function graph(server: VendorServer, model: ForgeModel, { body }: Call): Promise<Given> {
  schema ??= buildSchema(githubSchema.idl, { assumeValid: true });
  const document = parse(body.query);
  const wrong = validate(schema, document);
  if (wrong.length > 0) {
    server.problems.push(`POST /api/graphql: ${wrong.map(({ message }) => message).join("; ")}`);
    return { status: 500, body: {} };
  }
  const result = await execute({ schema, document, rootValue: graphRoot(model), variableValues: body.variables });
  if (result.errors) {
    server.problems.push(`POST /api/graphql: ${result.errors.map(({ message }) => message).join("; ")}`);
  }
  // GitHub says of a repo that is not there what GraphQL itself does not.
  const isMissing = result.data?.repository === null;
  const errors = isMissing ? [{ type: "NOT_FOUND", message: "Could not resolve to a Repository" }] : undefined;
  const headers = { date: new Date(model.now * 1000).toUTCString() };
  return { headers, body: { data: result.data, ...(errors ? { errors } : {}) } };
}
