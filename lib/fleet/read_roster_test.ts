import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError } from "../io/error.ts";
import { readRoster } from "./read_roster.ts";

const PATH = "/home/ada/.config/muster/fleet/roster.toml";

function ioWith(text: string | undefined, variables: Record<string, string> = { HOME: "/home/ada" }) {
  const read = (path: string) => {
    assertEquals(path, PATH);
    return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
  };
  return { files: { read }, env: { get: (name: string) => variables[name] } };
}

async function failure(io: ReturnType<typeof ioWith>) {
  const error = await assertRejects(() => readRoster(io), MusterError);
  return [error.code, error.message, error.hint];
}

Deno.test("readRoster reads the fleet under MUSTER_HOME", async () => {
  const roster = await readRoster(ioWith('version = 1\n[[agents]]\nname = "a"\nruntime = "demo"\n'));
  assertEquals(roster.agents.map(({ name, workingDirectory }) => [name, workingDirectory]), [["a", "/home/ada"]]);
  assertEquals((await readRoster(ioWith("version = 1"))).agents, []);
});

Deno.test("readRoster says what to do where there is no roster", async () => {
  assertEquals(await failure(ioWith(undefined)), ["not_found", `no roster: ${PATH}`, "run muster fleet init"]);
});

Deno.test("readRoster names the file, line and key of what is wrong", async () => {
  assertEquals(await failure(ioWith("")), ["config", `missing key: ${PATH}:1: version`, "write version = 1"]);
  assertEquals(await failure(ioWith("version = 1\n[[agents]]\nname = 'a b'\nruntime = 'demo'")), [
    "config",
    `wrong value: ${PATH}:3: agents[0].name: expected 1 to 64 letters, digits, "_" or "-", got "a b"`,
    undefined,
  ]);
});

Deno.test("readRoster needs a home", async () => {
  assertEquals(await failure(ioWith("version = 1", {})), [
    "config",
    "missing variable: HOME",
    "set HOME or MUSTER_HOME",
  ]);
});
