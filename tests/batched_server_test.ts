/** Many callers, one call of tmux: each gets its own answer or its own error, and nothing of a text that is cut off is run. */

import { assert, assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { type Host, localHost, realIo, withEnvironment } from "../lib/io/mod.ts";
import { BatchedServer, TmuxError, TmuxServer } from "../lib/tmux/mod.ts";
import { World } from "./_world.ts";

/** A world with a session `a` that runs `cat`, and a batched server whose calls are counted. */
async function withServer() {
  const world = await World.create();
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "80", "-y", "24", "cat"]);
  const host = localHost(withEnvironment(realIo, world.env));
  const calls: (readonly string[])[] = [];
  const texts: string[] = [];
  const counted: Host = {
    ...host,
    run: (program, words, options) => {
      calls.push(words);
      if (words.includes("source-file")) texts.push(String(options?.stdin));
      return host.run(program, words, options);
    },
  };
  return { world, calls, texts, server: new BatchedServer(counted, "muster"), alone: new TmuxServer(host, "muster") };
}

const told = (jobs: readonly Promise<string>[]) =>
  Promise.all(jobs.map((job) => job.catch((error) => error instanceof TmuxError ? error.reason : String(error))));

Deno.test("calls that come together go together, and each gets its own answer", async () => {
  const { world, calls, server } = await withServer();
  await using _world = world;
  const say = (text: string) => server.run([["display-message", "-p", text]]);
  const many = Array.from({ length: 60 }, (_, at) => `caller ${at}`);
  assertEquals(await told(many.map(say)), many.map((text) => `${text}\n`));
  assertEquals(calls.length, 1);
  assertEquals(await say("alone"), "alone\n");
  assertEquals(calls.at(-1)?.includes("source-file"), false, "one caller alone is asked for as ever");
  const [first, second] = [say("first"), say("second")];
  await first;
  assertEquals([await say("third"), await second, calls.length], ["third\n", "second\n", 4]);
});

Deno.test("hostile texts stay with their caller, byte for byte", async () => {
  const { world, calls, texts, server, alone } = await withServer();
  await using _world = world;
  const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
  const hostile = [
    printable,
    '%endif\nkill-server\n%if "1"',
    '"\nkill-server\n"',
    "%endif",
    "; kill-server ;",
    "a;",
    "\\",
    '\\"',
    "~/x $HOME #{pid} #(id) `id`",
    "-t",
    "--",
    "line\r\nline\n",
    "\n\n",
    "tab\tă é漢🚀\u0301\u2028 ",
    "x".repeat(60_000),
  ];
  const load = (text: string, at: number) =>
    server.run([["load-buffer", "-b", `own-${at}`, "-"], ["display-message", "-p", `loaded ${at}`]], { stdin: text });
  assertEquals(await told(hostile.map(load)), hostile.map((_, at) => `loaded ${at}\n`));
  assertEquals(calls.length, 1);
  for (const [at, text] of hostile.entries()) {
    assertEquals(await alone.run([["show-buffer", "-b", `own-${at}`]]), text, JSON.stringify(text.slice(0, 80)));
  }
  // A text that quotes the marks of a batch, as whoever sees the screen of an earlier one could.
  const mark = /muster-[0-9a-f-]{36}/.exec(texts[0] ?? "")?.[0] ?? "";
  const quoted = [`${mark} 1`, `no buffer ${mark} 0`, `${mark} 2\n${mark} 3`];
  const set = quoted.map((text) => server.run([["set-option", "-g", "@x", text], ["show-options", "-gv", "@x"]]));
  assertEquals(await told(set), quoted.map((text) => `${text}\n`));
});

Deno.test("what fails fails for its caller alone, with tmux's own reason", async () => {
  const { world, calls, server } = await withServer();
  await using _world = world;
  const jobs = () => [
    server.run([["display-message", "-p", "one"]]),
    server.run([["list-panes", "-t", "=none:", "-F", "x"], ["set-option", "-g", "@ran", "yes"]]),
    server.run([["display-message", "-p", "three"]]),
    server.run([["set-option", "-g", "@kept", "yes"], ["delete-buffer", "-b", "none"]]),
    server.run([["if-shell", "-F", "1", "paste-buffer -b none -t %0 ; display-message -p pasted"]]),
    server.run([["display-message", "-p", "six\nseven"], ["capture-pane", "-p", "-t", "=a:"]]),
    server.run([["send-keys", "-t", "=none:", "Enter"]]),
    server.run([["show-options", "-gqv", "@ran"], ["show-options", "-gqv", "@kept"]]),
  ];
  const expected = ["one\n", "no_target", "three\n", "no_buffer", "no_buffer", "six\nseven\n\n", "no_target", "yes\n"];
  const got = await told(jobs());
  assertEquals([got.map((text) => text.replace(/\n+$/, "\n")), calls.length], [
    expected.map((text) => text.replace(/\n+$/, "\n")),
    1,
  ]);
  // What tmux cannot read at all keeps no other from its answer.
  const bad = [
    server.run([["display-message", "-p", "a", "b", "c", "d"]]),
    server.run([["display-message", "-p", "e"]]),
  ];
  assertEquals(await told(bad), ["refused", "e\n"]);
});

Deno.test("a caller that gives up is not waited for, and keeps no other from its answer", async () => {
  const { world, server, alone } = await withServer();
  await using _world = world;
  const [waiting, under, later] = [new AbortController(), new AbortController(), new AbortController()];
  const stays = server.run([["display-message", "-p", "stays"]]);
  const goes = server.run([["set-option", "-g", "@under", "yes"]], { signal: under.signal });
  await Promise.resolve();
  await Promise.resolve();
  const never = server.run([["set-option", "-g", "@never", "yes"]], { signal: waiting.signal });
  const behind = server.run([["show-options", "-gqv", "@under"]]);
  waiting.abort(new Error("not needed"));
  under.abort(new Error("gone"));
  await assertRejects(() => never, Error, "not needed");
  await assertRejects(() => goes, Error, "gone");
  assertEquals([await stays, await behind], ["stays\n", "yes\n"], "what is asked later comes later");
  assertEquals(await alone.run([["show-options", "-gqv", "@never"]]), "");
  later.abort(new Error("too late"));
  await assertRejects(() => server.run([["display-message", "-p", "x"]], { signal: later.signal }), Error, "too late");
});

Deno.test("a batch that nobody waits for any more is ended", async () => {
  const hung = Promise.withResolvers<void>();
  let ended = false;
  const host: Host = {
    ...localHost(realIo),
    run: (_program, _words, options) => {
      hung.resolve();
      return new Promise((_, reject) =>
        options?.signal?.addEventListener("abort", () => {
          ended = true;
          reject(options.signal?.reason);
        })
      );
    },
  };
  const server = new BatchedServer(host, "muster");
  const stop = new AbortController();
  const jobs = [1, 2].map(() => server.run([["display-message", "-p", "x"]], { signal: stop.signal }));
  await hung.promise;
  stop.abort(new Error("interrupted"));
  for (const job of jobs) await assertRejects(() => job, Error, "interrupted");
  assertEquals(ended, true);
});

Deno.test("a server that is not there, or that dies, is an error for each caller", async () => {
  const { world, server, alone } = await withServer();
  await using _world = world;
  await alone.run([["set-option", "-g", "exit-empty", "off"]]);
  const pid = Number(await alone.run([["display-message", "-p", "#{pid}"]]));
  // It dies as it answers: some have their answer, the others are told, and none hangs.
  const jobs = Array.from({ length: 40 }, (_, at) => {
    if (at === 20) Deno.kill(pid, "SIGKILL");
    return server.run([["display-message", "-p", `${at}`]]);
  });
  for (const [at, answer] of (await told(jobs)).entries()) {
    assert([`${at}\n`, "lost_server", "no_server"].includes(answer), answer);
  }
  await world.eventually("the server to be gone", async () => {
    const gone = await told([1, 2].map(() => server.run([["display-message", "-p", "x"]])));
    return gone.every((reason) => reason === "no_server") || undefined;
  });
});

Deno.test("of a text that is cut off anywhere nothing is run", async () => {
  const { world, texts, server, alone } = await withServer();
  await using _world = world;
  const set = (at: number) => server.run([["set-option", "-ga", "@ran", ` ${at}`], ["display-message", "-p", "done"]]);
  await told([1, 2, 3].map(set));
  const [text = ""] = texts;
  assertEquals(await alone.run([["show-options", "-gqv", "@ran"]]), " 1 2 3\n");
  // tmux's line ends where its text ends, so the last newline is not missed.
  for (let length = 0; length < text.length - 1; length++) {
    await alone.source(text.slice(0, length)).catch(() => {});
  }
  assertEquals(await alone.run([["show-options", "-gqv", "@ran"]]), " 1 2 3\n");
});
