import { assertEquals, assertThrows } from "../deps/assert.ts";
import { localHost, MusterError, realIo } from "../io/mod.ts";
import { findSkills, type FoundSkills, piSkillArgs, type PiSkillMode, readPiSkillWish } from "./pi_skills.ts";

const env = (variables: Readonly<Record<string, string>>) => ({ get: (name: string) => variables[name] });

Deno.test("readPiSkillWish trims names; unset is the default set, empty is none", () => {
  const cases: readonly (readonly [Record<string, string>, PiSkillMode, readonly string[]])[] = [
    [{}, "discover", ["muster"]],
    [{ MUSTER_PI_FORCE_SKILLS: "" }, "discover", []],
    [{ MUSTER_PI_FORCE_SKILLS: " : " }, "discover", []],
    [{ MUSTER_PI_FORCE_SKILLS: " one :two: with blank " }, "discover", ["one", "two", "with blank"]],
    [{ MUSTER_PI_SKILL_MODE: "none" }, "none", ["muster"]],
    [{ MUSTER_PI_SKILL_MODE: " all " }, "all", ["muster"]],
    [{ MUSTER_PI_SKILL_MODE: "" }, "discover", ["muster"]],
  ];
  for (const [variables, mode, forced] of cases) assertEquals(readPiSkillWish(env(variables)), { mode, forced });
  assertThrows(
    () => readPiSkillWish(env({ MUSTER_PI_SKILL_MODE: "every" })),
    MusterError,
    "unknown mode in MUSTER_PI_SKILL_MODE: every",
  );
});

const at = (path: string, realPath = path) => ({ path, realPath });
const found: FoundSkills = {
  catalogue: [
    at("/m/skills/muster"),
    at("/m/skills/ci", "/h/.agents/skills/ci"),
    at("/m/skills-local/own"),
    at("/m/skills-local/twin", "/m/skills/muster"),
  ],
  nativeRoots: [at("/h/.pi/agent/skills"), at("/h/.agents/skills")],
  native: [at("/h/.agents/skills/ci")],
};

Deno.test("piSkillArgs gives each mode its skills, none twice and none that is missing", () => {
  const skills = (...paths: readonly string[]) => paths.flatMap((path) => ["--skill", path]);
  const cases: readonly (readonly [PiSkillMode, readonly string[], readonly string[]])[] = [
    ["none", ["muster"], ["--no-skills", ...skills("/m/skills/muster")]],
    ["none", [], ["--no-skills"]],
    ["none", ["ci"], ["--no-skills", ...skills("/m/skills/ci")]],
    ["none", ["muster", "twin", "muster", "missing"], ["--no-skills", ...skills("/m/skills/muster")]],
    ["discover", ["muster"], skills("/m/skills/muster")],
    ["discover", ["ci", "own"], skills("/m/skills-local/own")],
    ["discover", [], []],
    [
      "all",
      ["own", "muster"],
      ["--no-skills", ...skills("/m/skills/muster", "/m/skills-local/own", "/h/.pi/agent/skills", "/h/.agents/skills")],
    ],
  ];
  for (const [mode, forced, args] of cases) {
    assertEquals(piSkillArgs({ mode, forced }, found), args, `${mode} ${forced}`);
  }
});

Deno.test("findSkills takes directories and links that hold a SKILL.md, by whatever name", async () => {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "muster-skills-" }));
  try {
    const make = async (path: string, file = "SKILL.md") => {
      await Deno.mkdir(`${directory}/${path}`, { recursive: true });
      await Deno.writeTextFile(`${directory}/${path}/${file}`, "---\nname: x\n---\n");
    };
    const strange = "'; touch x; '\n$(touch y)";
    await make("muster/skills/muster");
    await make("muster/skills/empty", "README.md");
    await make(`muster/skills-local/${strange}`);
    await make("elsewhere/linked");
    await Deno.symlink(`${directory}/elsewhere/linked`, `${directory}/muster/skills/linked`);
    await Deno.symlink(`${directory}/nowhere`, `${directory}/muster/skills/broken`);
    await Deno.writeTextFile(`${directory}/muster/skills/file`, "");
    await make("home/.pi/agent/skills/deep/er");
    await make("home/work/.agents/skills/near");
    const places = {
      musterHome: `${directory}/muster`,
      home: `${directory}/home`,
      workingDirectory: `${directory}/home/work/in`,
    };
    await Deno.mkdir(places.workingDirectory);
    const { catalogue, nativeRoots, native } = await findSkills(localHost(realIo), places);
    const bare = (paths: readonly { readonly path: string; readonly realPath: string }[]) =>
      paths.map(({ path, realPath }) => [path, realPath].map((one) => one.replace(`${directory}/`, ""))).sort();
    assertEquals(bare(catalogue), [
      [`muster/skills-local/${strange}`, `muster/skills-local/${strange}`],
      ["muster/skills/linked", "elsewhere/linked"],
      ["muster/skills/muster", "muster/skills/muster"],
    ]);
    assertEquals(bare(nativeRoots).map(([path]) => path), ["home/.pi/agent/skills", "home/work/.agents/skills"]);
    assertEquals(bare(native).map(([path]) => path), [
      "home/.pi/agent/skills/deep/er",
      "home/work/.agents/skills/near",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
