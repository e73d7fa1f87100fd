import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/error.ts";
import type { Environment } from "../io/io.ts";
import { musterHome, musterState } from "./locate.ts";

function environment(variables: Record<string, string>): Environment {
  return { get: (name) => variables[name] };
}

Deno.test("musterHome and musterState take the nearest variable that is set", () => {
  const cases: [Record<string, string>, string, string][] = [
    [{ HOME: "/home/ada" }, "/home/ada/.config/muster", "/home/ada/.local/state/muster"],
    [{ HOME: "/home/ada/" }, "/home/ada/.config/muster", "/home/ada/.local/state/muster"],
    [{ HOME: "/" }, "/.config/muster", "/.local/state/muster"],
    [{ XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "/s" }, "/c/muster", "/s/muster"],
    [{ HOME: "/h", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" }, "/h/.config/muster", "/h/.local/state/muster"],
    [{ MUSTER_HOME: "/m", MUSTER_STATE: "/n//", HOME: "relative" }, "/m", "/n"],
    [{ MUSTER_HOME: "", MUSTER_STATE: "", HOME: "/h" }, "/h/.config/muster", "/h/.local/state/muster"],
  ];
  for (const [variables, home, state] of cases) {
    assertEquals(musterHome(environment(variables)), home);
    assertEquals(musterState(environment(variables)), state);
  }
});

Deno.test("a relative or missing variable is an error that names it", () => {
  const cases: [() => string, string, string][] = [
    [() => musterHome(environment({})), "missing variable: HOME", "set HOME or MUSTER_HOME"],
    [() => musterState(environment({ HOME: "" })), "missing variable: HOME", "set HOME or MUSTER_STATE"],
    [
      () => musterHome(environment({ MUSTER_HOME: "~/m", HOME: "/h" })),
      'not an absolute path: MUSTER_HOME="~/m"',
      "set MUSTER_HOME to a path that begins with /",
    ],
    [
      () => musterState(environment({ XDG_STATE_HOME: "a\nb", HOME: "/h" })),
      'not an absolute path: XDG_STATE_HOME="a\\nb"',
      "set XDG_STATE_HOME to a path that begins with /",
    ],
    [
      () => musterHome(environment({ HOME: "." })),
      'not an absolute path: HOME="."',
      "set HOME to a path that begins with /",
    ],
  ];
  for (const [locate, message, hint] of cases) {
    const error = assertThrows(locate, MusterError);
    assertEquals([error.code, error.message, error.hint], ["config", message, hint]);
  }
});
