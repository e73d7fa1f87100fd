/**
 * The promise that a message arrives exactly once, whenever its sender is killed: what it leaves is nothing, or a draft
 * that the next sender finishes without typing it again.
 *
 * @module
 */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { DemoPane } from "./_demo_pane.ts";
import { root } from "./_world.ts";

const program = new URL("tests/_dying_sender.ts", root).pathname;

async function dies(pane: DemoPane, file: string, when: string, call: number, id?: string): Promise<boolean> {
  const words = ["run", "--quiet", "-A", program, file, when, String(call), ...(id === undefined ? [] : [id])];
  const { code, stderr } = await pane.world.deno(words);
  assertEquals(stderr, "");
  assert(code === 0 || code === 137, `exit ${code}`);
  return code === 137;
}

/** Kills a sender at each of its calls until one comes through, and sends the next message behind each. */
async function killEverywhere(pane: DemoPane, text: string, when: string): Promise<Record<string, number>> {
  const fates: Record<string, number> = {};
  for (let call = 1;; call++) {
    assert(call < 60, "a send makes fewer calls than that");
    const message = `${when} ${call}: ${text}`;
    const file = await pane.world.file("message.txt", message);
    const before = await pane.taken();
    const isKilled = await dies(pane, file, when, call);
    const { code, document } = await pane.send("-m", `next, ${when} ${call}`);
    assertEquals([code, document.outcome], [0, "submitted"], JSON.stringify(document));
    const told = (await pane.taken()).slice(before.length);
    const { unfinished } = document;
    const fate = unfinished?.outcome ?? (told.length === 2 ? "finished" : "nothing");
    fates[fate] = (fates[fate] ?? 0) + 1;
    // Once, whole, and before the next; or not at all.
    assertEquals(told.at(-1), `next, ${when} ${call}`);
    assert(
      told.length <= 2 && (told.length === 1 || told[0] === message),
      JSON.stringify(told.map((one) => one.slice(0, 80))),
    );
    if (unfinished?.outcome === "submitted") assertEquals(told.length, 2);
    assertEquals(await pane.traces(), "", `${when} ${call}`);
    if (!isKilled) return fates;
  }
}

for (const when of ["before", "while", "after"]) {
  Deno.test(`exactly once: a sender killed ${when} each of its calls leaves nothing or a draft, which the next one finishes`, async (t) => {
    await using pane = await DemoPane.start(["--busy", "0"]);
    await t.step("a short message", async () => {
      const fates = await killEverywhere(pane, "run the tests", when);
      assert((fates.submitted ?? 0) > 0 && (fates.nothing ?? 0) > 0, JSON.stringify(fates));
    });
    await t.step("one of 200 KB, which a pipe takes in pieces", async () => {
      const fates = await killEverywhere(pane, "lorem ipsum; ".repeat(16_000), when);
      assert((fates.nothing ?? 0) > 0, JSON.stringify(fates));
    });
    assertEquals((await pane.events()).filter((type) => type !== "user"), []);
  });
}

Deno.test("exactly once: a sender to several that is killed while it hands a call over leaves nothing or whole steps", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const { world } = pane;
  const other = `${world.cwd}/other.jsonl`;
  const demo = new URL("fixtures/agents/demo.ts", root).pathname;
  const words = ["run", "--quiet", "--no-config", `--allow-write=${other}`, demo, "--transcript", other, "--busy", "0"];
  await world.tmux(["new-session", "-d", "-s", "b", "-x", "150", "-y", "50", Deno.execPath(), ...words]);
  await world.eventually("the other to be ready", async () => {
    return (await world.screen("=b:")).some((row) => row.includes("· ready")) || undefined;
  });
  const takenBy = async (path: string) => {
    const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1).map((line) => JSON.parse(line));
    return lines.filter(({ type }) => type === "user").map(({ text }) => text as string);
  };
  // Both together are more than a pipe takes in one piece.
  const text = "lorem ipsum; ".repeat(3_500);
  let fates = "";
  for (let call = 1; call < 60; call++) {
    const message = `${call}: ${text}`;
    const file = await world.file("message.txt", message);
    const sender = ["run", "--quiet", "-A", program, file, "while", String(call), "", "b"];
    const { code, stderr } = await world.deno(sender);
    assertEquals([code === 0 || code === 137, stderr], [true, ""]);
    for (const [session, transcript] of [["a", pane.transcript], ["b", other]] as const) {
      const send = ["tmux", "send", "-t", session, "--runtime", "demo", "-m", `next ${call}`];
      const next = await world.json<{ readonly outcome: string }>(send);
      assertEquals([next.code, next.document.outcome], [0, "submitted"], JSON.stringify(next.document));
      const told = (await takenBy(transcript)).filter((one) => one.startsWith(`${call}: `));
      assert(told.length === 0 || told.length === 1 && told[0] === message, `${session}, call ${call}: ${told.length}`);
      fates += told.length;
    }
    assertEquals(await pane.traces(), "", `call ${call}`);
    if (code === 0) break;
  }
  assert(fates.startsWith("00") && fates.endsWith("11"), fates);
});

Deno.test("exactly once: a send that was killed and is sent again with its id", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  for (let call = 1;; call++) {
    const message = `call ${call}: exactly once`;
    const file = await pane.world.file("message.txt", message);
    const isKilled = await dies(pane, file, "after", call, `job ${call}`);
    const again = await pane.send("-m", message, "--id", `job ${call}`);
    assertEquals([again.code, again.document.outcome], [0, "submitted"], JSON.stringify(again.document));
    const third = await pane.send("-m", message, "--id", `job ${call}`);
    assertEquals([third.document.repeated, third.document.messageId], [true, again.document.messageId]);
    assertEquals((await pane.taken()).filter((text) => text === message).length, 1, message);
    if (!isKilled) break;
  }
  assertEquals(await pane.traces(), "");
});

Deno.test("nothing of the person's is harmed: a draft that was killed and typed on is held, and stays as it is", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const file = await pane.world.file("message.txt", "half");
  // The fourth call is the first look behind the paste.
  for (let call = 2; !(await pane.world.screen("=a:")).some((row) => row.startsWith("❯ half")); call++) {
    await dies(pane, file, "after", call);
    if ((await pane.traces()).includes("/typed")) await pane.shows("❯ half");
    if (call > 5) throw new Error("The sender never left a draft");
  }
  await pane.keys("-l", " and a person's half");
  await pane.shows("half and a person's half");
  const { code, document } = await pane.send("-m", "next");
  assertEquals([code, document.outcome, document.attempts], [4, "held", 0]);
  assert(document.reason?.startsWith("a draft is in the composer, with the unfinished message "), document.reason);
  assertEquals(await pane.taken(), []);
  await pane.keys("Enter");
  await pane.shows("· ready");
  const after = await pane.send("-m", "next");
  assertEquals([after.code, after.document.outcome], [0, "submitted"]);
  assertEquals(await pane.taken(), ["half and a person's half", "next"]);
  assertEquals(await pane.traces(), "");
});
