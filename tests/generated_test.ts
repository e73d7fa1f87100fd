import { denoTaskName, findTasks, generated } from "../build/generate.ts";
import denoJson from "../deno.json" with { type: "json" };
import { assertEquals } from "../lib/deps/assert.ts";
import { permissionWords } from "../lib/task/permissions.ts";
import { version } from "../lib/task/version.ts";
import { root } from "./_world.ts";

Deno.test("the generated files are in step with the task definitions", async () => {
  for (const [path, text] of await generated()) {
    assertEquals(await Deno.readTextFile(new URL(path, root)) === text, true, `${path} is stale: deno task generate`);
  }
});

Deno.test("every task has a deno task with exactly its permissions", async () => {
  const tasks: Record<string, { readonly command: string } | string> = denoJson.tasks;
  for (const { task, path } of await findTasks()) {
    const entry = tasks[denoTaskName(task.name, ["check"])];
    const command = typeof entry === "string" ? entry : entry?.command;
    assertEquals(command, ["deno run", ...permissionWords(task.permissions), path].join(" "));
  }
});

Deno.test("deno.json and the library say the same version", () => assertEquals(denoJson.version, version));
