/**
 * Which session an agent's program had when it was cut off: told by the files that the programs write, in homes that
 * siblings share, read by the sh that reads them in a fleet.
 */

import { assertEquals } from "../deps/assert.ts";
import { localHost, realIo } from "../io/mod.ts";
import { claudeRuntime } from "./claude.ts";
import { codexRuntime } from "./codex.ts";
import { opencodeRuntime } from "./opencode.ts";
import { piRuntime } from "./pi.ts";
import type { PastRun, Runtime } from "./runtime.ts";
import { writeExecutable } from "../../tests/_executable.ts";

const [first, second, third] = [
  "01a20ffb-159d-7cc1-afe0-a99b34c9c17e",
  "01a20ffc-2d8e-7452-9d69-c198718a8981",
  "01a20ffd-09c4-764e-9eca-c37aa2a2ff4b",
];

/** A home in which programs have run, its name as hostile as a home's may be. */
async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "muster-test-" });
  const path = `${directory}/a 'home' $(touch x)`;
  try {
    await Deno.mkdir(path);
    await test(new Home(path));
    assertEquals([...Deno.readDirSync(directory)].length, 1, "nothing was run");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

class Home {
  constructor(readonly path: string) {}

  /** Writes a file below it, last changed so many seconds after 2026 began. */
  async file(name: string, text: string, { changed = 0 } = {}): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
    const at = Date.UTC(2026, 0, 1) / 1000 + changed;
    await Deno.utime(path, at, at);
    return path;
  }

  /** The session that the agent `a` of a runtime had. */
  async session(runtime: Runtime, run: Partial<PastRun> = {}): Promise<string | undefined> {
    const found = await runtime.findSession?.({
      name: "a",
      argv: [runtime.kind],
      workingDirectory: this.path,
      home: this.path,
      env: { ...runtime.launch?.({ name: "a", unattended: false }).env },
      freshAtMs: 0,
      told: [],
      sh: async (script, ...args) => (await localHost(realIo).run("sh", ["-c", script, "sh", ...args])).stdout,
      ...run,
    });
    return typeof found === "object" ? `none: ${found.none}` : found;
  }
}

/** Lines as a program writes them. */
function jsonLines(...lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

Deno.test("Claude Code's session is the last that it told, if anything was said in it", async () => {
  await withHome(async (home) => {
    // 2.1.331: what it notes of itself comes first; a message's own words are escaped.
    const own = (
      id: string,
    ) => [{ type: "mode", mode: "normal", sessionId: id }, { type: "atis-latch", sessionId: id }];
    const said = { parentUuid: null, isSidechain: false, type: "user", message: { role: "user", content: "hi" } };
    const quoted = { type: "system", content: 'they said "type":"user"' };
    const tell = async (id: string, ...lines: readonly unknown[]) => ({
      id,
      transcript: await home.file(`.claude/projects/-w/${id}.jsonl`, jsonLines(...own(id), ...lines)),
    });
    const [used, again] = [await tell(first ?? "", said), await tell(second ?? "", said)];
    const unused = await tell(third ?? "", quoted);
    const session = (...told: PastRun["told"]) => home.session(claudeRuntime, { told });
    assertEquals(await session(used, again), second);
    assertEquals(await session(again, used), first);
    assertEquals(await session(used, unused), "none: its transcript shows nothing that was said to it");
    assertEquals(
      await session(used, { id: second ?? "", transcript: "" }),
      "none: its transcript shows nothing that was said to it",
    );
    assertEquals(
      await session(used, { id: second ?? "", transcript: `${home.path}/gone` }),
      "none: its transcript shows nothing that was said to it",
    );
    assertEquals(await session(), "none: Claude Code told no session since it began anew");
  });
});

Deno.test("Codex's session is the last told that has a rollout of the terminal's own", async () => {
  await withHome(async (home) => {
    // 0.169.0: the name has the time and the id, and the first line says whose conversation it is.
    const rollout = async (id: string, source: unknown, { in: under = ".codex", text = "" } = {}) => {
      const meta = { type: "session_meta", payload: { id, cwd: "/w", originator: "codex-tui", source } };
      const name = `${under}/sessions/2026/11/25/rollout-2026-11-25T00-37-37-${id}.jsonl`;
      await home.file(name, text || jsonLines(meta, { type: "response_item", payload: { type: "message" } }));
      return { id, transcript: "" };
    };
    const session = (told: PastRun["told"], run: Partial<PastRun> = {}) => home.session(codexRuntime, { told, ...run });
    const none = "none: Codex told no session with a turn since it began anew";
    const [one, two] = [await rollout(first ?? "", "cli"), await rollout(second ?? "", "cli")];
    const title = await rollout(third ?? "", { subagent: "review" });
    const unwritten = { id: "01a20fff-0000-7000-8000-000000000000", transcript: "" };
    assertEquals(await session([one, two]), second);
    assertEquals(await session([two, one]), first);
    assertEquals(
      await session([one, title, unwritten]),
      first,
      "others that such a conversation began are passed over",
    );
    assertEquals([await session([title, unwritten]), await session([])], [none, none]);
    // Cut short by whoever wrote it, and one whose file says another id than its name.
    const cut = await rollout(third ?? "", "cli", { text: '{"type":"session_meta","payload":{"id":"' });
    assertEquals(await session([one, cut]), first);
    await rollout(second ?? "", "cli", {
      text: jsonLines({ type: "session_meta", payload: { id: first, source: "cli" } }),
    });
    assertEquals(await session([one, two]), first);
    const moved = await rollout(third ?? "", "cli", { in: "elsewhere" });
    assertEquals(await session([one, moved], { env: { CODEX_HOME: `${home.path}/elsewhere` } }), third);
    assertEquals(await session([moved], { env: { CODEX_HOME: `${home.path}/nowhere` } }), none);
  });
});

Deno.test("Pi's session is the one written to last in the agent's own directory, of those since it began anew", async () => {
  await withHome(async (home) => {
    // 0.73.1: the time at which it began stands in the name, in UTC and with - for what a name may not have.
    const write = (agent: string, began: string, id: string, changed: number) =>
      home.file(
        `.pi/agent/sessions/--muster--${agent}--/2026-11-25T${began}Z_${id}.jsonl`,
        jsonLines({ type: "session", version: 3, id, cwd: "/w" }),
        { changed },
      );
    const session = (run: Partial<PastRun> = {}) => home.session(piRuntime, run);
    const none = "none: Pi has kept no session since it began anew: it does after the first answer";
    assertEquals(await session(), none, "no directory yet");
    const early = await write("a", "02-01-27-945", first ?? "", 30);
    const late = await write("a", "03-00-00-000", second ?? "", 20);
    await write("b", "04-00-00-000", third ?? "", 40);
    await home.file(".pi/agent/sessions/--muster--a--/notes.jsonl", "", { changed: 50 });
    assertEquals(await session(), early, "written to last, though begun before");
    assertEquals(await session({ freshAtMs: Date.UTC(2026, 10, 25, 2, 1, 27, 945) }), early, "from that very moment");
    assertEquals(await session({ freshAtMs: Date.UTC(2026, 10, 25, 2, 1, 27, 946) }), late, "not the one before");
    assertEquals(await session({ freshAtMs: Date.UTC(2026, 10, 25, 3, 0, 0, 1) }), none);
    const elsewhere = "none: Pi keeps its sessions where others of its kind may";
    assertEquals(await session({ env: {} }), elsewhere);
    assertEquals(await session({ name: "b" }), elsewhere, "another agent's directory");
    for (const word of ["--no-session", "--session", "--session=x", "--session-dir"]) {
      assertEquals(await session({ argv: ["pi", word] }), elsewhere, word);
    }
    assertEquals(await session({ argv: ["pi", "--sessions-of-mine"] }), early);
  });
});

/** `opencode db QUERY`, for a test: the query is carried out in the database that the real one would open. */
const opencode = `#!/bin/sh
[ "$1" = db ] || exit 1
exec "$DENO" run --quiet --no-config -A "\${0%/*}/query.ts" "\${XDG_DATA_HOME:-$HOME/.local/share}/opencode/$OPENCODE_DB" "$2"
`;

/** Prints as 1.18.33 does: the columns' names, then a row a line; nothing where there is none. */
const query = `import { DatabaseSync } from "node:sqlite";
const [path = "", text = ""] = Deno.args;
const rows = new DatabaseSync(path).prepare(text).all();
for (const line of rows.length === 0 ? [] : [Object.keys(rows[0]), ...rows.map(Object.values)]) console.log(line.join("\\t"));
`;

Deno.test("opencode's session is the one written to last in the agent's own database, of those since it began anew", async () => {
  await withHome(async (home) => {
    const { DatabaseSync } = await import("node:sqlite");
    await home.file("bin/query.ts", query);
    const program = `${home.path}/bin/opencode`;
    await writeExecutable(program, opencode.replace("$DENO", Deno.execPath()));
    const database = async (agent: string, rows: readonly (readonly [string, string | null, number, number])[]) => {
      await Deno.mkdir(`${home.path}/.local/share/opencode`, { recursive: true });
      const opened = new DatabaseSync(`${home.path}/.local/share/opencode/muster-${agent}.db`);
      // The columns of 1.18.33 that are asked for.
      opened.exec(
        "create table session (id text primary key, parent_id text, time_created integer not null, " +
          "time_updated integer not null)",
      );
      const insert = opened.prepare("insert into session values (?, ?, ?, ?)");
      for (const row of rows) insert.run(...row);
      opened.close();
    };
    const session = (run: Partial<PastRun> = {}) => home.session(opencodeRuntime, { argv: [program, "--x"], ...run });
    const none = "none: opencode tells of no session since it began anew";
    await database("a", [
      ["ses_early1", null, 1_000, 9_000],
      ["ses_late1", null, 2_000, 8_000],
      ["ses_child1", "ses_early1", 3_000, 10_000],
    ]);
    await database("b", [["ses_other1", null, 5_000, 20_000]]);
    assertEquals(await session(), "ses_early1", "written to last, and no subagent's");
    assertEquals(await session({ freshAtMs: 1_000.4 }), "ses_early1", "from that very moment");
    assertEquals(await session({ freshAtMs: 1_001 }), "ses_late1", "not the one before");
    assertEquals(await session({ freshAtMs: 2_001 }), none);
    assertEquals(await session({ argv: ["env", "X=1", program] }), "ses_early1", "what stands before it may find it");
    const elsewhere = "none: opencode keeps its sessions where others of its kind may";
    assertEquals([await session({ env: {} }), await session({ name: "b" })], [elsewhere, elsewhere]);
    assertEquals(
      await session({ argv: ["my-wrapper"] }),
      "none: its program is not called opencode, and may have no database to ask",
    );
    assertEquals(await session({ argv: [`${home.path}/gone/opencode`] }), none, "no program to ask");
    assertEquals(await session({ workingDirectory: `${home.path}/gone` }), none, "nowhere to run it");
    await Deno.writeTextFile(`${home.path}/.local/share/opencode/muster-a.db`, "no database");
    assertEquals(await session(), none, "what the program cannot read it does not tell");
  });
});
