import { assertEquals } from "../../deps/assert.ts";
import { fakeIo } from "../../io/fake.ts";
import type { InstallRecord } from "./install_record.ts";
import { lookAtUnits } from "./look_at_units.ts";
import { environmentLine, shellWord, unitPath, unitWord } from "./quote.ts";
import { parseShow } from "./systemd.ts";

const record: InstallRecord = {
  version: 1,
  installedAt: "2026-01-01T00:00:00.000Z",
  socket: "muster",
  holder: "_holder",
  path: "/bin",
  muster: { command: ["/bin/deno", "run", "mod.ts"], version: "0.1.0" },
  programs: [{
    name: "claude",
    path: "/bin/claude",
    version: "2.0.1 (Claude Code)",
    size: 10,
    modifiedAt: 20,
    agents: ["a"],
  }],
  files: {},
  agents: ["a"],
};

const shown = "Id=muster-holder.service\nActiveState=active\nStatusText=\nMainPID=7\n\n" +
  "Id=muster-agent@a.service\nActiveState=activating\nSubState=start\nInvocationID=4f\nStatusText=waits for its turn\nNRestarts=2\nMainPID=8\n";

/** What the look says where sh prints so of the programs. */
async function look(installed: InstallRecord, units: string, here: string, version = "0.1.0") {
  const io = fakeIo();
  const run: typeof io.process.run = () => {
    return Promise.resolve({ code: 0, stdout: `${units}\n${here}\n${shown}`, stderr: "" });
  };
  const faked = { ...io, process: { ...io.process, run } };
  return await lookAtUnits(faked, installed, ["a"], { path: "/usr/bin", version });
}

const found = "/bin/claude\n/bin/deno\n10 20\n5 5\n";

Deno.test("lookAtUnits reads the units' states in one answer", async () => {
  const { holder, agents, warnings } = await look(record, found, found);
  assertEquals([holder.state, holder.pid, warnings], ["active", 7, []]);
  assertEquals(agents.get("a"), {
    state: "activating",
    phase: "start",
    run: "4f",
    status: "waits for its turn",
    restarts: 2,
  });
});

Deno.test("lookAtUnits tells what is not as it was installed", async () => {
  const again = "; muster fleet install takes it as it is now";
  const cases: readonly (readonly [units: string, here: string, warning: string])[] = [
    ["\n/bin/deno\n5 5\n", found, "claude is gone: it was /bin/claude when the units were installed"],
    [
      "/opt/claude\n/bin/deno\n10 20\n5 5\n",
      found,
      `claude is another program in the units' PATH: /opt/claude, not /bin/claude${again}`,
    ],
    [
      "/bin/claude\n/bin/deno\n10 21\n5 5\n",
      found,
      `/bin/claude has changed since the units were installed (it was 2.0.1 (Claude Code))${again}`,
    ],
    [found, "/opt/claude\n/bin/deno\n10 20\n5 5\n", `claude is /opt/claude here, and /bin/claude in the units${again}`],
    ["/bin/claude\n\n10 20\n", found, `what runs muster for the units is gone: /bin/deno${again}`],
  ];
  for (const [units, here, warning] of cases) assertEquals((await look(record, units, here)).warnings, [warning]);
  assertEquals((await look(record, found, found, "0.2.0")).warnings, [
    `muster was 0.1.0 when the units were installed, and is 0.2.0${again}`,
  ]);
  const unproved = { ...record, programs: record.programs.map((one) => ({ ...one, unproved: "2.0.0" })) };
  assertEquals((await look(unproved, found, found)).warnings, [
    "claude is 2.0.1 (Claude Code), which muster was not proved with: 2.0.0 was",
  ]);
});

Deno.test("words are quoted for sh, units, EnvironmentFile= and its lines", () => {
  const word = `a b"c'd$e%f\\g\`h*`;
  assertEquals(shellWord(word), `'a b"c'\\''d$e%f\\g\`h*'`);
  assertEquals(unitWord(word), `"a b\\"c'd$$e%%f\\\\g\`h*"`);
  assertEquals(unitPath(word), `a b"c'd$e%%f\\\\g\`h\\*`);
  assertEquals(environmentLine("A", word), `A="a b\\"c'd\\$e%f\\\\g\\\`h*"`);
});

Deno.test("parseShow reads values with = and blocks without an Id", () => {
  assertEquals([...parseShow("Id=x\nA=1=2\n\nB=3\n")], [["x", { Id: "x", A: "1=2" }]]);
});
