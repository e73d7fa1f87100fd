import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/error.ts";
import { forgesJsonSchema } from "./forges_json_schema.ts";
import { forgesSchema } from "./forges_schema.ts";
import { parseConfig } from "./read_toml.ts";
import { readForges } from "./read_forges.ts";

const file = "/etc/forges.toml";
const good = '[[forge]]\nhost = "git.example.org"\nkind = "gitea"\nurl = "https://git.example.org"\n';

const wrong: readonly (readonly [string, string, string | undefined])[] = [
  [`${good}logn = "ada"`, `unknown key: ${file}:5: forge[0].logn`, 'did you mean "login"?'],
  ['[[forges]]\nhost = "a"', `unknown key: ${file}:1: forges`, 'did you mean "forge"?'],
  [
    good.replace("gitea", "gitae"),
    `wrong value: ${file}:3: forge[0].kind: expected "gitea", "forgejo", "github" or "gitlab", got "gitae"`,
    'did you mean "gitea"?',
  ],
  ['[[forge]]\nhost = "a"\nkind = "gitea"', `missing key: ${file}:1: forge[0].url`, undefined],
  [
    good.replace("git.example.org", "https://git.example.org"),
    `wrong value: ${file}:2: forge[0].host: expected a host, or a host and its port, such as "git.example.org:3000", got "https://git.example.org"`,
    undefined,
  ],
  [
    good.replace("https://", "https://ada:s3cret@"),
    `wrong value: ${file}:4: forge[0].url: expected an address such as "https://git.example.org", without a user and a query, got "https://***@git.example.org"`,
    undefined,
  ],
  [
    good.replace("https://git", "ssh://git"),
    `wrong value: ${file}:4: forge[0].url: expected an address such as "https://git.example.org", without a user and a query, got "ssh://git.example.org"`,
    undefined,
  ],
  [`${good}token = "x"`, `unknown key: ${file}:5: forge[0].token`, undefined],
  [
    `${good}token_command = "pass show x"`,
    `wrong type: ${file}:5: forge[0].token_command: expected array, got string`,
    'write an array of words, such as ["program", "argument"]',
  ],
  [
    `${good}token_env = "A"\ntoken_command = ["b"]`,
    `two tokens: ${file}:6: forge[0].token_command: token_env is there too`,
    "give one of them",
  ],
  [
    `${good}token_command = ["./b"]`,
    `wrong value: ${file}:5: forge[0].token_command[0]: expected the name of a program, or a path that begins with / or ~/, got "./b"`,
    undefined,
  ],
  [
    `${good}token_env = "1A"`,
    `wrong value: ${file}:5: forge[0].token_env: expected the name of a variable: letters, digits and "_", not first a digit, got "1A"`,
    undefined,
  ],
  [
    `${good}ca = "ca.pem"`,
    `wrong value: ${file}:5: forge[0].ca: expected a path that begins with / or ~/, got "ca.pem"`,
    undefined,
  ],
  [
    `${good}${good.replace("git.example.org", "Git.Example.ORG")}`,
    `given twice: ${file}:6: forge[1].host: "Git.Example.ORG" is there already`,
    "two logins of one host need a login each",
  ],
  [`${good}[forge.ci]\nkind = "woodpecker"`, `missing key: ${file}:5: forge[0].ci.url`, undefined],
  [
    `${good}[forge.ci]\nkind = "jenkins"\nurl = "https://ci.example.org"`,
    `wrong value: ${file}:6: forge[0].ci.kind: expected "woodpecker", "gitea", "forgejo", "github" or "gitlab", got "jenkins"`,
    undefined,
  ],
];

Deno.test("a forges.toml that is wrong is told with file, line and key", async (t) => {
  for (const [text, message, hint] of wrong) {
    await t.step(message, () => {
      const error = assertThrows(() => parseConfig(text, { file, schema: forgesSchema }), MusterError);
      assertEquals([error.code, error.message, error.hint], ["config", message, hint]);
    });
  }
});

Deno.test("a whole forges.toml is read", async () => {
  const text = `[[forge]]
host = "Git.example.org:3000"
kind = "forgejo"
url = "https://git.example.org:3000/sub/"
login = "ada"
owners = ["ada", "team"]
token_command = ["~/bin/token", "--for", "git"]
ca = "~/ca.pem"
held_labels = ["blocked", "needs design"]

[forge.ci]
name = "ci"
kind = "woodpecker"
url = "https://ci.example.org/"
token_env = "CI_TOKEN"
`;
  const io = {
    files: { read: () => Promise.resolve(new TextEncoder().encode(text)) },
    env: { get: (name: string) => name === "HOME" ? "/home/ada" : undefined },
  };
  assertEquals(await readForges(io), [{
    host: "git.example.org:3000",
    kind: "forgejo",
    url: "https://git.example.org:3000/sub",
    login: "ada",
    owners: ["ada", "team"],
    tokenCommand: ["/home/ada/bin/token", "--for", "git"],
    ca: "/home/ada/ca.pem",
    heldLabels: ["blocked", "needs design"],
    ci: { name: "ci", kind: "woodpecker", url: "https://ci.example.org", tokenEnv: "CI_TOKEN" },
  }]);
});

Deno.test("every key of the JSON Schema is described", () => {
  const bare: string[] = [];
  const walk = (schema: Record<string, unknown>, name: string) => {
    for (const [key, property] of Object.entries(schema.properties ?? {}) as [string, Record<string, unknown>][]) {
      if (typeof property.description !== "string") bare.push(`${name}${key}`);
      walk((property.items ?? property) as Record<string, unknown>, `${name}${key}.`);
    }
  };
  walk(forgesJsonSchema(), "");
  assertEquals(bare, []);
});
