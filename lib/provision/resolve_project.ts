/**
 * From a project's file to the project that it declares.
 *
 * @module
 */
import { expandHome } from "../config/expand_home.ts";
import { parseConfigBytes } from "../config/read_config.ts";
import type { Environment } from "../io/io.ts";
import { type HookFile, type ProjectFile, projectSchema } from "./project_schema.ts";
import type { MachineDeclaration, Project, ScriptDeclaration } from "./project.ts";

const defaultInterpreter = ["bash", "-euo", "pipefail"];

/**
 * The project that a `muster.toml` declares.
 *
 * @param root The project's directory: absolute, without links.
 * @throws {MusterError} of code `config` for a file that is none.
 */
export function parseProject(bytes: Uint8Array, root: string, env: Environment): Project {
  return resolveProject(parseConfigBytes(bytes, { file: `${root}/muster.toml`, schema: projectSchema }), root, env);
}

/** Fills in what a project file leaves out, and reads its old names. */
export function resolveProject(file: ProjectFile, root: string, env: Environment): Project {
  const hooks = { ...file.scripts, ...file.hooks };
  const postCreate = file.hooks.post_create ?? file.hooks.provision ?? file.scripts?.post_create ??
    file.scripts?.provision ?? file.provision;
  const script = (hook: HookFile | undefined) => hook === undefined ? undefined : resolveScript(hook);
  return {
    root,
    file: `${root}/muster.toml`,
    machine: resolveMachine(file.machine, root, env),
    packs: file.packs.enabled,
    packsDirectory: projectPath(file.packs.directory, env),
    hooks: withoutUndefined({
      post_create: script(postCreate),
      post_start: script(hooks.post_start),
      post_attach: script(hooks.post_attach),
    }),
    verifyWorktree: script(hooks.verify_worktree),
    notes: oldNames(file),
  };
}

function resolveMachine(machine: ProjectFile["machine"], root: string, env: Environment): MachineDeclaration {
  const { driver, destination = "", options, image = "", args } = machine;
  const name = machine.name ?? nameOf(root);
  const isContainer = driver !== "host" && driver !== "ssh";
  const declared = machine.mounts.map(({ source, target, read_only }) => {
    const path = projectPath(source, env).replace(/^\.\/?/, "").replace(/(.)\/+$/, "$1");
    const absolute = path.startsWith("/") ? path : path === "" ? root : `${root}/${path}`;
    return { source: absolute, target: target.replace(/(.)\/+$/, "$1"), readOnly: read_only };
  });
  const byDefault = { source: root, target: "/workspace", readOnly: false };
  const mounts = isContainer && declared.length === 0 ? [byDefault] : declared;
  const home = mounts.find(({ source }) => source === root)?.target ?? "/";
  const places = { host: root, ssh: `.local/share/muster/${name}`, podman: home, docker: home, tart: home };
  const named = machine.directory ?? places[driver];
  const directory = driver === "ssh" && !/^[~/]/.test(named) ? `~/${named.replace(/^(\.\/)+/, "")}` : named;
  return { name, driver, directory, destination, options, image, args, mounts };
}

/** The name of the project's directory, with what a name cannot have left out. */
function nameOf(root: string): string {
  const name = root.slice(root.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return name.slice(0, 63) || "machine";
}

function resolveScript(hook: HookFile): ScriptDeclaration {
  const { run, inputs, args, env, timeout, cwd, interpreter } = typeof hook === "string"
    ? {
      run: hook,
      inputs: [],
      args: [],
      env: [] as string[],
      timeout: undefined,
      cwd: undefined,
      interpreter: undefined,
    }
    : hook;
  return {
    run,
    isPath: /^\S+$/.test(run) && (run.includes("/") || run.endsWith(".sh")),
    inputs,
    args,
    variables: Array.isArray(env) ? {} : env,
    secrets: Array.isArray(env) ? env : [],
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    cwd: cwd ?? ".",
    interpreter: interpreter ?? defaultInterpreter,
  };
}

function projectPath(path: string, env: Environment): string {
  return path.startsWith("~") ? expandHome(path, env) : path;
}

function oldNames({ hooks, scripts, provision }: ProjectFile): string[] {
  const renamed = [
    ...(provision === undefined ? [] : [["provision", "hooks.post_create"]]),
    ...(hooks.provision === undefined ? [] : [["hooks.provision", "hooks.post_create"]]),
    ...Object.keys(scripts ?? {}).map((name) => [
      `scripts.${name}`,
      `hooks.${name === "provision" ? "post_create" : name}`,
    ]),
  ];
  return renamed.map(([old, name]) => `${old} is read as ${name}: rename it`);
}

function withoutUndefined<Key extends string, Value>(
  values: Readonly<Record<Key, Value | undefined>>,
): Readonly<Partial<Record<Key, Value>>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Record<Key, Value>
  >;
}
