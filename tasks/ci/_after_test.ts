import { assertEquals } from "../../lib/deps/assert.ts";
import { realIo } from "../../lib/io/mod.ts";
import { doAfter, type Ending } from "./_after.ts";

const ending: Ending = {
  outcome: "failed",
  exit: 1,
  text: "",
  repo: "ada/tool",
  sha: "abc",
  numbers: [1, 2],
  url: "https://ci.example.org/1",
};

/** What the command prints, by what it is told. */
async function printed(told: Partial<Ending>, command: string): Promise<readonly [boolean | undefined, string]> {
  let text = "";
  const io = { ...realIo, terminal: { ...realIo.terminal, err: (more: string) => void (text += more) } };
  const signal = new AbortController().signal;
  const [done] = await doAfter(io, { ...ending, ...told }, { notify: [], exec: command }, signal);
  return [done?.ok, text];
}

Deno.test("a command hears of a pipeline whatever it is called, and however many there are", async () => {
  const text = "CI of ada/tool: failed\n- a\0\x1b[2Jb 1: failure";
  const words = 'printf "%s|" "$MUSTER_CI_EXIT" "$MUSTER_CI_NUMBERS" "$MUSTER_CI_MESSAGE"';
  assertEquals(await printed({ text }, words), [true, "1|1 2|CI of ada/tool: failed\n- a\ufffd\ufffd[2Jb 1: failure|"]);
  const many = await printed({ text: "- one \u2713\n".repeat(50_000) }, 'printf %s "$MUSTER_CI_MESSAGE" | head -n 1');
  assertEquals(many, [true, "- one \u2713\n"]);
});
