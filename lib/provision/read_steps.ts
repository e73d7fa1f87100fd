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
import { declaredInputs } from "../state/declared_inputs.ts";
import { fileInputs } from "../state/file_inputs.ts";
import { fingerprint, type Inputs } from "../state/fingerprint.ts";
import { hookNames, type Project, type ScriptDeclaration } from "./project.ts";
import type { Script, Step } from "./step.ts";

/** Options of {@linkcode readSteps}. */
export interface ReadStepsOptions {
  /** Where what is remembered of many files is. */
  readonly memory: string;
  /** What is remembered of files' digests; asked for where files have to be read. */
  readonly cache: () => Promise<DigestCache>;
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
interface Draft extends Omit<Step, "fingerprint"> {
  /** Inputs that are no files. */
  readonly values: Inputs;
  /** Its own files: absolute paths by the names of inputs. */
  readonly paths: Readonly<Record<string, string>>;
  /** What it reads, as declared. */
  readonly declared: readonly string[];
}

/**
 * The packs in order, then the hooks.
 *
 * @throws {MusterError} of code `config` for a pack or a script that is not there.
 */
export async function readSteps(io: Io, project: Project, options: ReadStepsOptions): Promise<Step[]> {
  const drafts: Draft[] = [];
  const isWanted = (name: string) => options.only === undefined || options.only === name;
  for (const name of project.packs) if (isWanted(name)) drafts.push(await draftPack(io, project, name));
  for (const name of hookNames) {
    const hook = project.hooks[name];
    if (hook && isWanted(name)) drafts.push(await draftHook(io, project, name, hook, options));
  }
  // Scripts are few, and read anew each time.
  const found = await fileInputs(io, Object.assign({}, ...drafts.map(({ paths }) => paths)), {
    signal: options.signal,
  });
  return await Promise.all(drafts.map(async ({ values, paths, declared, ...step }) => {
    const files = Object.keys(paths).map((name) => [name, found[name] ?? "missing"]);
    const own = await fingerprint({ ...values, ...Object.fromEntries(files) });
    if (declared.length === 0) return { ...step, fingerprint: own };
    const reads = await declaredInputs(io, project.root, declared, options);
    // Ten thousand inputs are put together in place.
    const inputs = Object.assign(reads.inputs, own.inputs);
    return { ...step, fingerprint: { digest: await digestText(frame([own.digest, reads.digest])), inputs } };
  }));
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
      paths: Object.fromEntries([file, check, library].map((path) => [path, absolute(path)])),
      declared: [],
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
    paths: { [file]: absolute(file) },
    declared: [],
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
    // No file is called that.
    [`${name}.interpreter`]: `text:${JSON.stringify(hook.interpreter)}`,
    [`${name}.cwd`]: `text:${hook.cwd}`,
    [`${name}.args`]: await valueInput(hook.args),
  };
  if (!hook.isPath) values[`${name}.run`] = await valueInput([hook.run]);
  for (const [variable, value] of Object.entries(hook.variables)) {
    values[`${name}.env.${variable}`] = await valueInput([value]);
  }
  for (const variable of hook.secrets) {
    const value = io.env.get(variable);
    values[`${name}.env.${variable}`] = value === undefined
      ? "missing"
      : `secret:${await digestSecret(await options.key(), value)}`;
  }
  const script = hook.run.startsWith("/") ? hook.run : `${project.root}/${hook.run}`;
  return {
    name,
    cadence: name,
    script: scriptOf(hook),
    cwd: hook.cwd,
    variables: hook.variables,
    secrets: hook.secrets,
    ...(hook.timeoutMs === undefined ? {} : { timeoutMs: hook.timeoutMs }),
    values,
    paths: hook.isPath ? { [hook.run.replace(/^(\.\/)+/, "")]: script } : {},
    declared: hook.inputs.map((path) => path.startsWith("~/") ? `${io.env.get("HOME") ?? ""}${path.slice(1)}` : path),
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
