/** Logs that are longer than memory: what the process that reads them takes, as its kernel has measured it. */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { sha } from "./_ci/life.ts";
import { describe } from "./_vendor/description.ts";
import { VendorServer } from "./_vendor/server.ts";
import { root, World } from "./_world.ts";

const ignore = describe("gitlab") === undefined; // said on standard error; in CI it is an error
const line = "a line of a log that goes on and on and says little, again";

/** A log of so many bytes; before its end it waits for `mayEnd`. */
function longLog(
  piece: Uint8Array<ArrayBuffer>,
  bytes: number,
  ends: readonly [first: string, last: string],
  mayEnd: () => Promise<void>,
): Response {
  const encoder = new TextEncoder();
  let sent = -1;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent < 0) {
        controller.enqueue(encoder.encode(ends[0]));
        sent = 0;
      } else if (sent < bytes) {
        controller.enqueue(piece);
        sent += piece.length;
      } else {
        await mayEnd();
        controller.enqueue(encoder.encode(ends[1]));
        controller.close();
      }
    },
  });
  return new Response(body);
}

/** Runs `muster ci log` against a server whose log is long; what it printed last, and the most memory that it took, in MB. */
async function readLong(
  { kind, log, args }: {
    readonly kind: "gitlab" | "woodpecker";
    readonly log: (mayEnd: () => Promise<void>) => Response;
    readonly args: readonly string[];
  },
): Promise<{ readonly end: string; readonly mostMb: number }> {
  await using server = VendorServer.open(kind);
  await using world = await World.create();
  const measured = Promise.withResolvers<number>();
  let pid = 0;
  const mayEnd = async () => {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    measured.resolve(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000);
  };
  const job = { id: 23, name: "unit", stage: "check", status: "failed" };
  const pipeline = { id: 12, status: "failed", sha };
  if (kind === "gitlab") {
    server
      .on("GET", "/api/v4/projects/{id}/pipelines/{pipeline_id}", () => ({ body: pipeline }))
      .on("GET", "/api/v4/projects/{id}/pipelines/{pipeline_id}/jobs", () => ({ body: [job] }))
      .on("GET", "/api/v4/projects/{id}/jobs/{job_id}/trace", () => log(mayEnd));
  } else {
    const steps = [{ id: 23, pid: 2, ppid: 1, name: "test", state: "failure", type: "commands" }];
    const workflows = [{ id: 1, pid: 1, name: "w1", state: "failure", children: steps }];
    server
      .on("GET", "/repos/lookup/{repo_full_name}", () => ({ body: { id: 7, full_name: "ada/tool" } }))
      .on("GET", "/repos/{repo_id}/pipelines/{pipeline_number}", () => ({
        body: { id: 1, number: 12, status: "failure", commit: sha, workflows },
      }))
      .on("GET", "/repos/{repo_id}/logs/{pipeline_number}/{step_id}", () => log(mayEnd));
  }
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(
    `${world.musterHome}/forges.toml`,
    `[[forge]]
host = "git.example.org"
kind = "gitlab"
url = "${server.url}"
owners = ["ada"]
token_env = "GITLAB_TOKEN"

[forge.ci]
kind = "${kind}"
url = "${server.url}"
token_env = "GITLAB_TOKEN"
`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      new URL("mod.ts", root).pathname,
      "ci",
      "log",
      "-r",
      "ada/tool",
      "-n",
      "12",
      ...args,
    ],
    env: { ...world.env, GITLAB_TOKEN: "s3cret" },
    clearEnv: true,
    cwd: world.cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  ({ pid } = child);
  let end = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) end = (end + text).slice(-200);
  assertEquals((await child.status).code, 0);
  return { end, mostMb: await measured.promise };
}

Deno.test({
  name: "the end of 3 GB of log is read in bounded memory",
  ignore,
  fn: async () => {
    const piece = new TextEncoder().encode(`${line}\n`.repeat(4_000));
    const { end, mostMb } = await readLong({
      kind: "gitlab",
      log: (mayEnd) => longLog(piece, 3e9, ["", "the end"], mayEnd),
      args: ["--failed", "--lines", "2"],
    });
    assertEquals(end, `${line}\nthe end\n`);
    assert(mostMb < 500, `${mostMb} MB`);
  },
});

Deno.test({
  name: "a log that is one JSON array, and one that is printed whole, are read in bounded memory",
  ignore,
  fn: async () => {
    const item = `{"id":1,"line":7,"data":"${btoa(line)}","type":0},`;
    const { end, mostMb } = await readLong({
      kind: "woodpecker",
      log: (mayEnd) => longLog(new TextEncoder().encode(item.repeat(2_000)), 2e8, ["[", '{"data":"ZW5k"}]'], mayEnd),
      args: [],
    });
    assert(end.endsWith(`\n${line}\nend\n`), end);
    assert(mostMb < 500, `${mostMb} MB`);
  },
});
