/**
 * The steps that a project declares, with their fingerprints as they are now.
 *
 * @module
 */
import { didYouMean } from "../config/did_you_mean.ts";
import { quoted } from "../config/quoted.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { digestSecret, digestText, frame } from "../state/digest.ts";
import type { DigestCache } from "../state/digest_cache.ts";
import { expandInputs, inputRoots } from "../state/expand_inputs.ts";
import { fileInputs } from "../state/file_inputs.ts";
import { fingerprint, type Inputs } from "../state/fingerprint.ts";
import { directoryInput } from "./drift.ts";
import { hookNames, type Project, type ScriptDeclaration } from "./project.ts";
import { manyInputs, type Stamped, type Stamps } from "./stamps.ts";
import type { Script, Step } from "./step.ts";

/** Options of {@linkcode readSteps}. */
export interface ReadStepsOptions {
  /** What is remembered of files' digests, asked for where files are looked at. */
  readonly cache: () => Promise<DigestCache>;
  /** What is remembered of steps with very many inputs; all inputs are looked at where left out. */
  readonly stamps?: Stamps;
  /** Reads every file anew. @default {false} */
  readonly strict?: boolean;
  /** The key of secrets' digests, asked for where there are secrets. */
  readonly key: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Reads this step alone. */
  readonly only?: string;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

const packInterpreter = ["bash", "-euo", "pipefail"];
/** Reads the library into the shell that then reads the pack. */
const withLibrary = '. "$1"; shift; . "$0"';

/** A step without its fingerprint: what it takes from files is known when all files are read at once. */
interface Draft extends Omit<Step, "fingerprint" | "files"> {
  /** Inputs that are no files. */
  readonly values: Inputs;
  /** Absolute paths by the names of inputs. */
  readonly paths: () => Promise<Readonly<Record<string, string>>>;
  /** The inputs that were declared as paths, directories and globs. */
  readonly declared: readonly string[];
}

/** What {@linkcode readSteps} read. */
export interface ReadSteps {
  /** The steps. */
  readonly steps: readonly Step[];
  /**
   * The names of those that were known by their stamps: nobody looked at their inputs, which are left out of their
   * fingerprints and files.
   */
  readonly recalled: readonly string[];
  /** What a stamp is made of, of steps with very many inputs. */
  readonly stamped: readonly Stamped[];
}

/**
 * The packs in order, then the hooks.
 *
 * @throws {MusterError} of code `config` for a pack or a script that is not there.
 */
export async function readSteps(io: Io, project: Project, options: ReadStepsOptions): Promise<ReadSteps> {
  const drafts: Draft[] = [];
  const isWanted = (name: string) => options.only === undefined || options.only === name;
  for (const name of project.packs) if (isWanted(name)) drafts.push(await draftPack(io, project, name));
  for (const name of hookNames) {
    const hook = project.hooks[name];
    if (hook && isWanted(name)) drafts.push(await draftHook(io, project, name, hook, options));
  }
  const { driver, directory } = project.machine;
  // A step that ran elsewhere has not run here. On the host that is the project, to which all state belongs.
  const where: Inputs = driver === "host" ? {} : { [directoryInput]: `text:${directory}` };
  const stampedOf = ({ name, values, declared }: Draft): Stamped => ({
    name,
    parts: [...Object.entries({ ...where, ...values }).flat(), project.root, ...declared],
    roots: inputRoots(project.root, declared),
  });
  const known = await Promise.all(
    drafts.map((draft) => options.stamps?.recall(io, stampedOf(draft), options.signal)),
  );
  const pathsOf = await Promise.all(drafts.map((draft, at) => known[at] === undefined ? draft.paths() : {}));
  const paths = Object.assign({}, ...pathsOf);
  const cache = Object.keys(paths).length > 0 ? await options.cache() : undefined;
  const { strict, signal } = options;
  const found = await fileInputs(io, paths, { strict, signal, ...(cache ? { cache } : {}) });
  const steps = await Promise.all(drafts.map(async (draft, at): Promise<Step> => {
    const { values, paths: _paths, declared: _declared, ...step } = draft;
    const digest = known[at];
    if (digest !== undefined) return { ...step, files: [], fingerprint: { digest, inputs: {} } };
    const inputs: Record<string, string> = { ...where, ...values };
    const files: string[] = [];
    for (const name of Object.keys(pathsOf[at] ?? {})) {
      const input = inputs[name] = found[name] ?? "missing";
      if (input.startsWith("file:") || input.startsWith("link:")) files.push(name);
    }
    return { ...step, files, fingerprint: await fingerprint(inputs) };
  }));
  return {
    steps,
    recalled: drafts.flatMap(({ name }, at) => known[at] === undefined ? [] : [name]),
    // What a link leads to is in no stamp.
    stamped: drafts.filter((_, at) => {
      const { files = [], fingerprint } = steps[at] ?? {};
      return files.length >= manyInputs && files.every((name) => fingerprint?.inputs[name]?.startsWith("file:"));
    }).map(stampedOf),
  };
}

/** A script that is run once and leaves no record: the check of a worktree. */
export async function readDeclaredScript(
  io: Io,
  project: Project,
  name: string,
  hook: ScriptDeclaration,
): Promise<Script> {
  await requireScript(io, project, name, hook);
  return scriptOf(hook);
}

async function draftPack(io: Io, project: Project, name: string): Promise<Draft> {
  const directory = project.packsDirectory.replace(/^(\.\/)+/, "").replace(/(.)\/+$/, "$1");
  const [file, check, library] = [`${name}.sh`, `${name}.check.sh`, "_lib.sh"].map((one) => `${directory}/${one}`) as [
    string,
    string,
    string,
  ];
  const absolute = (path: string) => path.startsWith("/") ? path : `${project.root}/${path}`;
  const isFile = async (path: string) => (await io.files.facts(absolute(path)))?.isFile === true;
  const files = (names: readonly string[]) => ({
    declared: names,
    paths: () => Promise.resolve(Object.fromEntries(names.map((one) => [one, absolute(one)]))),
  });
  const enabled = project.packs.slice(0, project.packs.indexOf(name) + 1);
  const common = { name, cadence: "pack", cwd: ".", variables: {}, secrets: [] } as const;
  const values = {
    "packs.enabled": `list:${JSON.stringify(enabled)}`,
    interpreter: `text:${JSON.stringify(packInterpreter)}`,
  };
  if (await isFile(file)) {
    const hasLibrary = await isFile(library);
    const run = (path: string): Script => ({
      path: hasLibrary ? "" : path,
      text: "",
      before: hasLibrary ? [...packInterpreter, "-c", withLibrary, path, library] : packInterpreter,
      after: [],
    });
    return {
      ...common,
      script: run(file),
      ...(await isFile(check) ? { check: run(check) } : {}),
      values,
      ...files([file, check, library]),
    };
  }
  const { starterPacks } = await import("./starter_packs.ts");
  const starter = Object.hasOwn(starterPacks, name) ? starterPacks[name] : undefined;
  if (starter === undefined) {
    const own = (await io.files.list(absolute(directory)) ?? []).flatMap((entry) =>
      /^[A-Za-z0-9][A-Za-z0-9_-]*\.sh$/.test(entry.name) ? [entry.name.slice(0, -3)] : []
    );
    const hint = didYouMean(name, [...own, ...Object.keys(starterPacks)]) ??
      `write ${file}, or choose of muster's own: ${Object.keys(starterPacks).join(", ")}`;
    throw new MusterError("config", `no such pack: ${visible(project.file)}: packs.enabled: ${quoted(name)}`, { hint });
  }
  const text = (body: string): Script => ({ path: "", text: body, before: packInterpreter, after: [] });
  return {
    ...common,
    script: text(starter.install),
    check: text(starter.check),
    values: { ...values, [`${name} of the starter set`]: await valueInput([starter.install, starter.check]) },
    // A file of the project's that takes its place is a change.
    ...files([file]),
  };
}

async function draftHook(
  io: Io,
  project: Project,
  name: typeof hookNames[number],
  hook: ScriptDeclaration,
  options: ReadStepsOptions,
): Promise<Draft> {
  await requireScript(io, project, name, hook);
  const values: Record<string, string> = {
    interpreter: `text:${JSON.stringify(hook.interpreter)}`,
    cwd: `text:${hook.cwd}`,
    args: await valueInput(hook.args),
  };
  if (!hook.isPath) values.run = await valueInput([hook.run]);
  for (const [variable, value] of Object.entries(hook.variables)) values[`env.${variable}`] = await valueInput([value]);
  for (const variable of hook.secrets) {
    const value = io.env.get(variable);
    values[`env.${variable}`] = value === undefined
      ? "missing"
      : `secret:${await digestSecret(await options.key(), value)}`;
  }
  const declared = hook.isPath ? [hook.run, ...hook.inputs] : hook.inputs;
  const expanded = declared.map((path) => path.startsWith("~/") ? `${io.env.get("HOME") ?? ""}${path.slice(1)}` : path);
  return {
    name,
    cadence: name,
    script: scriptOf(hook),
    cwd: hook.cwd,
    variables: hook.variables,
    secrets: hook.secrets,
    ...(hook.timeoutMs === undefined ? {} : { timeoutMs: hook.timeoutMs }),
    values,
    declared: expanded,
    paths: () => expandInputs(io.files, project.root, expanded),
  };
}

function scriptOf({ run, isPath, interpreter, args }: ScriptDeclaration): Script {
  return { path: isPath ? run : "", text: isPath ? "" : run, before: interpreter, after: args };
}

async function requireScript(
  io: Io,
  project: Project,
  name: string,
  { run, isPath }: ScriptDeclaration,
): Promise<void> {
  if (!isPath) return;
  const path = run.startsWith("/") ? run : `${project.root}/${run}`;
  if ((await io.files.facts(path))?.isFile) return;
  throw new MusterError("config", `no such script: ${visible(project.file)}: hooks.${name}: ${quoted(run)}`, {
    hint: "a word with a / in it, or .sh at its end, is the path of a script in the project",
  });
}

/** What stands for words that may be anything. */
async function valueInput(words: readonly string[]): Promise<string> {
  return `value:${await digestText(frame(words))}`;
}
