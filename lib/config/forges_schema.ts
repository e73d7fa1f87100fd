/**
 * What `$MUSTER_HOME/forges.toml` may hold: the forges, where their tokens come from, and their CI servers. The JSON Schema
 * that editors use, the reader's checks and the types all come from here. `lib/forge` and `lib/ci` both are told by it
 * whom to ask.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { showValue } from "./show_value.ts";

/** The forges that muster knows. */
export const forgeKinds = ["gitea", "forgejo", "github", "gitlab"] as const;

/** One of the forges that muster knows. */
export type ForgeKind = typeof forgeKinds[number];

/** The CI servers that muster knows; those of a forge's name are the forge's own. */
export const ciKinds = ["woodpecker", "gitea", "forgejo", "github", "gitlab"] as const;

/** One of the CI servers that muster knows. */
export type CiKind = typeof ciKinds[number];

function expected(what: string) {
  const shown = (input: unknown) =>
    // A password that stands where none may stand is not shown all the same.
    showValue(typeof input === "string" ? input.replace(/\/\/[^/]*@/, "//***@") : input);
  return { error: (issue: { readonly input?: unknown }) => `expected ${what}, got ${shown(issue.input)}` };
}

const host = z.string().regex(
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]{0,4})?$/,
  expected('a host, or a host and its port, such as "git.example.org:3000"'),
);

const address = z.string().regex(
  /^https?:\/\/(?![^/]*@)[^\s/?#]+[^\s?#]*$/,
  expected('an address such as "https://git.example.org", without a user and a query'),
).refine((text) => URL.canParse(text), expected('an address such as "https://git.example.org"'));

const word = z.string().regex(
  /^[^\p{Cc}\p{Zl}\p{Zp}]{1,255}$/u,
  expected("one line of text without control characters"),
);

const variable = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  expected('the name of a variable: letters, digits and "_", not first a digit'),
);

const program = /^(?:[^/~][^/]*|~?\/.+)$/s;

const command = z.array(z.string()).min(1).superRefine(([first], context) => {
  if (first === undefined || program.test(first)) return;
  const message = `expected the name of a program, or a path that begins with / or ~/, got ${showValue(first)}`;
  context.addIssue({ code: "custom", path: [0], message });
});

const tokenKeys = {
  token_env: variable.optional().describe("The variable that holds the token. The token itself never stands here."),
  token_command: command.optional().describe(
    "A program that prints the token: an array of words, run without a shell.",
  ),
};

const ci = z.strictObject({
  name: word.optional().describe("What people call the server."),
  kind: z.enum(ciKinds).describe("What the server is."),
  url: address.describe("Where it is, such as `https://ci.example.org`."),
  ...tokenKeys,
}).superRefine(checkToken);

const forge = z.strictObject({
  host: host.describe("The host that remotes name, with a port where it is not the usual one."),
  kind: z.enum(forgeKinds).describe("What the forge is."),
  url: address.describe("Where its pages are, such as `https://git.example.org`; what its API is below."),
  login: word.optional().describe(
    "The name of the login: of this entry, and of `tea`, `gh` or `glab` where the token is theirs.",
  ),
  owners: z.array(word).default([]).describe(
    "Users and organisations whose repos are here, for `-r owner/repo` elsewhere.",
  ),
  ...tokenKeys,
  ca: z.string().regex(/^(?:\/|~\/)/, expected("a path that begins with / or ~/")).optional().describe(
    "A file with the certificates of the authority that the forge's certificate is from, as PEM.",
  ),
  held_labels: z.array(word).default(["blocked"]).describe(
    "Issues with one of these labels are never candidates of a lane; `blocked` by default.",
  ),
  ci: ci.optional().describe("The CI server of its repos, where it is not the forge's own."),
}).superRefine(checkToken);

/** The schema of `$MUSTER_HOME/forges.toml`. */
export const forgesSchema = z.strictObject({
  forge: z.array(forge).default([]).describe("The forges, one table for each."),
}).superRefine(({ forge: all }, context) => {
  const seen = new Map<string, number>();
  for (const [at, { host, login }] of all.entries()) {
    const name = JSON.stringify([host.toLowerCase(), login ?? ""]);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, at);
    else {
      context.addIssue({
        code: "custom",
        path: ["forge", at, "host"],
        message: `${showValue(host)} is there already${
          login === undefined ? "" : `, with the login ${showValue(login)}`
        }`,
        params: { what: "given twice", hint: "two logins of one host need a login each" },
      });
    }
  }
});

/** A `forges.toml` as written, with its defaults. */
export type ForgesFile = z.output<typeof forgesSchema>;

function checkToken(
  entry: { readonly token_env?: string; readonly token_command?: string[] },
  context: z.RefinementCtx,
) {
  if (entry.token_env === undefined || entry.token_command === undefined) return;
  context.addIssue({
    code: "custom",
    path: ["token_command"],
    message: "token_env is there too",
    params: { what: "two tokens", hint: "give one of them" },
  });
}
