/**
 * What drift costs: ten thousand declared files, seen anew and for the second time, against what git and sha256sum do with
 * the same files; and an `up` that has nothing to do, as a whole process.
 *
 * @module
 */

import { pollUntil, realIo, withEnvironment } from "../lib/io/mod.ts";
import { bringUp, look, MachineState, readProject } from "../lib/provision/mod.ts";
import { checkout, fork, interleave, type Section, timed } from "./harness.ts";

const directories = 100;
const filesInEach = 100;

/** Measures drift and an idle `up`. */
export async function benchProvision(signal: AbortSignal): Promise<readonly Section[]> {
  const directory = await Deno.makeTempDir({ prefix: "muster-bench-" });
  try {
    return [...await benchDrift(directory, signal), ...await benchUp(directory, signal)];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function benchDrift(directory: string, signal: AbortSignal): Promise<readonly Section[]> {
  const tree = `${directory}/tree`;
  await makeTree(tree, signal);
  const io = withEnvironment(realIo, { HOME: directory, MUSTER_STATE: `${directory}/state` });
  const project = await readProject(io, tree);
  const state = await MachineState.of(io, project);
  const drift = () => timed(() => look(io, project, { signal }));
  await bringUp(io, project, { timeoutMs: 60_000, onEvent: () => {}, signal });
  // Nothing is remembered of a file before it is older than a tick of its file system's clock.
  const isRemembered = async () => {
    await look(io, project, { signal });
    return await io.files.facts(state.stampsFile) && true;
  };
  await pollUntil(io.clock, isRemembered, { what: "the inputs to be remembered", timeoutMs: 60_000, signal });
  const git = () => timed(() => fork("git", ["-C", tree, "status", "--porcelain"], { signal }));
  const warm = await interleave({ git, drift }, { rounds: 20, warmups: 3, signal });
  const cold = await interleave({
    sha256sum: () =>
      timed(() => fork("sh", ["-c", `find "$1/in" -type f -print0 | xargs -0 sha256sum`, "sh", tree], { signal })),
    drift: async () => {
      for (const path of [`${state.directory}/digests.json`, state.stampsFile]) await io.files.remove(path);
      return await drift();
    },
  }, { rounds: 12, signal });
  const edited = await interleave({
    git,
    drift: async () => {
      await Deno.writeTextFile(`${tree}/in/7/7.txt`, crypto.randomUUID());
      return await drift();
    },
  }, { rounds: 12, signal });
  return [{
    title: "Drift with 10,000 input files, seen before",
    reference: { what: "git status of the same tree", sample: warm.git },
    subjects: [{ what: "provision drift, called", sample: warm.drift, goal: 1 }],
  }, {
    title: "The same, nothing remembered",
    reference: { what: "sha256sum over the files", sample: cold.sha256sum },
    subjects: [{ what: "provision drift, called", sample: cold.drift, goal: 1.5 }],
  }, {
    title: "The same, one file edited",
    reference: { what: "git status of the same tree", sample: edited.git },
    subjects: [{ what: "provision drift, called", sample: edited.drift }],
  }];
}

/** A tree under git, with a project whose one hook declares all of it. */
async function makeTree(tree: string, signal: AbortSignal): Promise<void> {
  const old = new Date(Date.now() - 3_600_000);
  for (let at = 0; at < directories; at++) {
    await Deno.mkdir(`${tree}/in/${at}`, { recursive: true });
    for (let file = 0; file < filesInEach; file++) {
      const path = `${tree}/in/${at}/${file}.txt`;
      await Deno.writeTextFile(path, `${at}/${file}\n`.repeat(200));
      await Deno.utime(path, old, old);
    }
  }
  await Deno.writeTextFile(`${tree}/muster.toml`, '[hooks]\npost_create = { run = "true", inputs = ["in"] }\n');
  for (const words of [["init", "-q"], ["add", "-A"]]) await fork("git", ["-C", tree, ...words], { signal });
  const identity = ["-c", "user.name=muster", "-c", "user.email=muster@localhost"];
  await fork("git", ["-C", tree, ...identity, "commit", "-qm", "tree"], { signal });
}

async function benchUp(directory: string, signal: AbortSignal): Promise<readonly Section[]> {
  const project = `${directory}/project`;
  await Deno.mkdir(project);
  await Deno.writeTextFile(`${project}/muster.toml`, '[hooks]\npost_create = "true"\npost_attach = "true"\n');
  const empty = `${directory}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  const env = { NO_COLOR: "1", MUSTER_STATE: `${directory}/state-of-up` };
  const deno = (...words: readonly string[]) => fork(Deno.execPath(), ["run", "--quiet", ...words], { env, signal });
  const script = `${checkout}cli.ts`;
  const up = () => deno("-A", script, "provision", "up", "--project", project);
  await up();
  const took = await interleave({
    empty: () => timed(() => deno(empty)),
    version: () => timed(() => deno("-A", script, "--version")),
    verb: () => timed(() => deno("-A", `${checkout}tasks/provision/up.ts`, "--project", project)),
    up: () => timed(up),
  }, { rounds: 25, signal });
  return [{
    title: "An up with nothing to do, as a whole process",
    reference: { what: "an empty Deno module", sample: took.empty },
    subjects: [
      { what: "cli.ts provision up", sample: took.up, goal: 4 },
      { what: "tasks/provision/up.ts", sample: took.verb },
      { what: "cli.ts --version", sample: took.version },
    ],
  }, {
    title: "What it takes beyond starting the program (goal: 50 ms)",
    reference: { what: "cli.ts --version", sample: took.version },
    subjects: [{ what: "cli.ts provision up", sample: took.up }],
  }];
}
