/** GraphQL, run by GitHub's own published schema: for tests. @module */
export { buildSchema, execute, type GraphQLSchema, parse, validate } from "npm:graphql@16.11.0";
export { schema as githubSchema } from "npm:@octokit/graphql-schema@15.26.1";
