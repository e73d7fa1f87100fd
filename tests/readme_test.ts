/** What the README says is so: its commands run, in their order, in an empty home. */

import { assertEquals } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { ForgeModel } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { root, World } from "./_world.ts";

const readme = await Deno.readTextFile(new URL("README.md", root));

/** The blocks of a language below a heading. */
function blocks(heading: string, language: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text ?? "");
}

async function worldWithMuster(): Promise<World> {
  const world = await World.create();
  const script = `#!/bin/sh\nexec "${Deno.execPath()}" run --allow-all "${new URL("cli.ts", root).pathname}" "$@"\n`;
  await writeExecutable(`${world.cwd}/muster`, script);
  return world;
}

Deno.test("the commands of the first roster run as they stand, in an empty home", async () => {
  await using world = await worldWithMuster();
  const env = { PATH: `${world.cwd}:${Deno.env.get("PATH")}` };
  const [commands = ""] = blocks("A first roster", "sh");
  const lines = commands.split("\n").filter((line) => line !== "");
  assertEquals(lines.length, 8);
  for (const line of lines) {
    const { code, stderr } = await world.run("sh", ["-c", line], { env });
    assertEquals([code, stderr], [0, ""], line);
  }
});

Deno.test("the commands of a machine as declared run as they stand", async () => {
  await using world = await worldWithMuster();
  const env = { PATH: `${world.cwd}:${Deno.env.get("PATH")}` };
  const [commands = ""] = blocks("A machine as declared", "sh");
  const lines = commands.split("\n").filter((line) => line !== "");
  assertEquals(lines.length, 5);
  for (const line of lines) assertEquals((await world.run("sh", ["-c", line], { env })).code, 0, line);
});

Deno.test("the roster of the README is one", async () => {
  await using world = await World.create();
  const [toml = ""] = blocks("A first roster", "toml");
  await world.roster(toml);
  await Deno.mkdir(`${world.home}/src/project`, { recursive: true });
  await Deno.writeTextFile(`${world.musterHome}/coder0.env`, "TOKEN=x\n", { mode: 0o600 });
  const { code, stderr } = await world.muster(["check"]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("the forge and the commands of the lane work as they stand", async () => {
  const model = new ForgeModel();
  model.issue({ milestone: "v1" });
  model.issue({ milestone: "v1" });
  model.pull({ number: 21, body: "Closes #1" });
  await using server = openForgeServer("gitea", model);
  await using world = await worldWithMuster();
  const env = { PATH: `${world.cwd}:${Deno.env.get("PATH")}`, GITEA_TOKEN: "s3cret-t0ken" };
  const guide = await Deno.readTextFile(new URL("docs/guides/lane.md", root));
  const [ofGuide = ""] = /^```toml\n(.*?)^```/ms.exec(guide)?.slice(1) ?? [];
  const [ofReadme = ""] = blocks("What can be dispatched", "toml");
  for (const toml of [ofGuide, ofReadme]) {
    await Deno.mkdir(world.musterHome, { recursive: true });
    // But for the address, which here is a server of the test's.
    const here = toml.replace("https://git.example.org", server.url).replace("git.example.org", server.host);
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, here);
    assertEquals((await world.muster(["check"])).code, 0);
  }
  const [commands = ""] = blocks("What can be dispatched", "sh");
  const lines = commands.split("\n").filter((line) => line !== "");
  assertEquals(lines.length, 3);
  for (const line of lines) {
    const { code, stderr } = await world.run("sh", ["-c", line], { env });
    assertEquals([code, stderr], [0, ""], line);
  }
});

Deno.test("the deno line that installs one verb has its permissions", async () => {
  const [install = ""] = blocks("Install", "sh");
  const { tasks } = await import("../tasks/index.ts");
  const words = tasks.find(({ command }) => command === "tmux send")?.permissions.join(" ");
  assertEquals(install.split("\n")[0]?.startsWith(`deno run ${words} $URL/tasks/tmux/send.ts `), true);
});

Deno.test("the exit statuses of the README are those of the help page", async () => {
  const { exitMeanings } = await import("../lib/task/exit.ts");
  const section = readme.split(/^## /m).find((part) => part.startsWith("Exit statuses\n")) ?? "";
  for (const status of ["0", "1", "2", "3", "4", "5"] as const) {
    assertEquals(section.includes(`| ${exitMeanings[Number(status) as 0]} `), true, status);
  }
});

Deno.test("the demo that the README shows is what the demo prints, but for numbers and names of its own", async () => {
  await using world = await World.create();
  const task = new URL("tasks/demo.ts", root).pathname;
  const { code, stdout } = await world.deno(["run", "--allow-all", task]);
  assertEquals(code, 0);
  const masked = (text: string) =>
    text.replace(/\d+(\.\d+)?m?s\b/g, "TIME").replace(/\b0[0-9A-Z]{25}\b/g, "ULID").replace(/muster-demo-\w+/g, "HOME")
      .replace(/(process |%\d +)\d+/g, "$1PID")
      // tmux tells the time of a death in whole seconds.
      .replaceAll("tmux, TIME", "tmux").replace(/\b\d{2,3} bytes/g, "N bytes").replace(/ +/g, " ").trim();
  const [shown = ""] = blocks("Try it", "text");
  assertEquals(masked(shown.replace(/^(\[setup\] )?setup: .*\n/, "")), masked(stdout));
});
