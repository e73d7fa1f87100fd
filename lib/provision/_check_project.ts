/** What a project's keys have to be to one another. */
import { quoted } from "../config/quoted.ts";
import { showKey } from "../config/show_key.ts";
import type { z } from "../deps/zod.ts";
import type { ProjectFile } from "./project_schema.ts";

type Driver = ProjectFile["machine"]["driver"];

const container: readonly Driver[] = ["podman", "docker", "tart"];
const keyDrivers: Readonly<Record<string, readonly Driver[]>> = {
  destination: ["ssh"],
  options: ["ssh"],
  image: container,
  args: container,
  mounts: container,
  directory: ["ssh", ...container],
};

/** Reports keys that the driver has no use for, keys that it needs, names given twice, and old names beside new ones. */
export function checkProject(file: ProjectFile, context: z.core.$RefinementCtx<ProjectFile>): void {
  const report = (what: string, path: (string | number)[], message: string, hint?: string) =>
    context.addIssue({ code: "custom", path, message, params: { what, hint } });
  const { machine } = file;
  for (const [key, drivers] of Object.entries(keyDrivers)) {
    const value = machine[key as keyof typeof machine];
    if (value === undefined || Array.isArray(value) && value.length === 0 || drivers.includes(machine.driver)) continue;
    report("unused key", ["machine", key], `a machine of driver ${quoted(machine.driver)} has none`);
  }
  if (machine.driver === "ssh" && machine.destination === undefined) {
    report("missing key", ["machine", "destination"], "ssh needs a destination", 'write destination = "user@host"');
  }
  if (container.includes(machine.driver)) {
    if (machine.image === undefined) {
      report("missing key", ["machine", "image"], `${machine.driver} needs an image`, 'write image = "name:tag"');
    }
    if (machine.directory !== undefined && !machine.directory.startsWith("/")) {
      report("wrong value", ["machine", "directory"], `expected an absolute path, got ${quoted(machine.directory)}`);
    }
  }
  checkNames(file, report);
  checkOldNames(file, report);
  checkInputs(file, report);
}

type Report = (what: string, path: (string | number)[], message: string, hint?: string) => void;

function checkNames({ packs, machine }: ProjectFile, report: Report): void {
  for (const [index, name] of packs.enabled.entries()) {
    const first = packs.enabled.indexOf(name);
    if (first < index) {
      report("duplicate pack", ["packs", "enabled", index], quoted(name), `enabled[${first}] is this pack already`);
    }
    if (/^post_(create|start|attach)$|^verify_worktree$/.test(name)) {
      report("reserved name", ["packs", "enabled", index], `${quoted(name)} is a hook`, "rename the pack");
    }
  }
  for (const [index, { target }] of machine.mounts.entries()) {
    const first = machine.mounts.findIndex((other) => other.target === target);
    if (first < index) {
      report(
        "duplicate mount",
        ["machine", "mounts", index, "target"],
        quoted(target),
        `mounts[${first}] is there already`,
      );
    }
  }
}

/** One thing has one name: of two, nobody could say which holds. */
function checkOldNames(file: ProjectFile, report: Report): void {
  const clash = (path: string[], name: string) =>
    report("conflicting key", path, `${name} is set too`, "keep one of the two");
  const { hooks, scripts } = file;
  const set = [["hooks", "post_create"], ["hooks", "provision"], ["scripts", "post_create"], ["scripts", "provision"], [
    "provision",
  ]].filter((path) => path.reduce<unknown>((value, key) => Object(value)[key], file) !== undefined);
  const [first, ...others] = set;
  for (const path of others) clash(path, showKey(first ?? []));
  for (const name of ["post_start", "post_attach", "verify_worktree"] as const) {
    if (hooks[name] !== undefined && scripts?.[name] !== undefined) clash(["scripts", name], `hooks.${name}`);
  }
}

/** What a step reads on a machine behind ssh is copied there, at the place that it has in the project. */
function checkInputs(file: ProjectFile, report: Report): void {
  if (file.machine.driver !== "ssh") return;
  for (const table of ["hooks", "scripts"] as const) {
    for (const [name, hook] of Object.entries(file[table] ?? {})) {
      if (typeof hook !== "object") continue;
      for (const [index, input] of hook.inputs.entries()) {
        if (!/^[/~]|(?:^|\/)\.\.(?:\/|$)/.test(input)) continue;
        report("wrong value", [table, name, "inputs", index], `expected a path in the project, got ${quoted(input)}`);
      }
    }
  }
}
