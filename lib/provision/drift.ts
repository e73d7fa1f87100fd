/**
 * Drift: what is declared differs from what was last applied, input by input.
 *
 * @module
 */
import { digestText, frame } from "../state/digest.ts";
import { changedInputs, type Inputs } from "../state/fingerprint.ts";
import type { MachineDeclaration } from "./project.ts";
import type { History } from "./history.ts";
import type { Step } from "./step.ts";

/** What a change needs to take effect, beside the steps that it reruns. */
export type Need = "new machine" | "restart" | "nothing";

/** One input that is not as it was. */
export interface Change {
  /** The step that it belongs to; `packs` for their list, `machine` for the machine itself. */
  readonly step: string;
  /** The input. */
  readonly input: string;
  /** What stood for it; `null` where it was none. */
  readonly before: string | null;
  /** What stands for it; `null` where it is none any more. */
  readonly after: string | null;
  /** What it needs. */
  readonly needs: Need;
}

/** The input of every step that says where on the machine it runs. */
export const directoryInput = "machine.directory";

/** One digest for all that is declared, in order. */
export async function declaredDigest(steps: readonly Step[], settings: Inputs): Promise<string> {
  const machine = Object.keys(settings).sort().flatMap((name) => [name, settings[name] ?? ""]);
  return await digestText(
    frame([frame(machine), ...steps.map(({ name, fingerprint }) => frame([name, fingerprint.digest]))]),
  );
}

/** What a machine is made with, as inputs. */
export function machineSettings({ driver, image, args, mounts, destination }: MachineDeclaration): Inputs {
  if (driver === "host") return {};
  if (driver === "ssh") return { "machine.destination": `text:${destination}` };
  return {
    "machine.image": `text:${image}`,
    "machine.args": `text:${JSON.stringify(args)}`,
    "machine.mounts": `text:${JSON.stringify(mounts)}`,
  };
}

/**
 * What changed since the last run that ended well on this machine; nothing where there was none.
 *
 * @param settings What the machine is made with now, and what it was made with.
 */
export function changesSince(
  steps: readonly Step[],
  { applied, steps: past }: History,
  inputsOf: (digest: string) => Inputs | undefined,
  settings: { readonly before: Inputs; readonly after: Inputs },
): Change[] {
  const machine = changedInputs(settings.before, settings.after).map((change): Change => ({
    step: "machine",
    ...change,
    needs: needOf(change.input),
  }));
  if (applied === undefined) return machine;
  const packs = steps.filter(({ cadence }) => cadence === "pack").map(({ name }) => name);
  const changes: Change[] = [];
  if (JSON.stringify(packs) !== JSON.stringify(applied.packs)) {
    const [before, after] = [applied.packs, packs].map((list) => `list:${JSON.stringify(list)}`) as [string, string];
    changes.push({ step: "packs", input: "packs.enabled", before, after, needs: "nothing" });
  }
  for (const { name, cadence, fingerprint } of steps) {
    const good = past.get(name)?.lastGood ?? applied.steps[name];
    const digest = typeof good === "object" ? good.fingerprint : good;
    if (digest === undefined) {
      // A new pack is told by the list of packs.
      if (cadence !== "pack") {
        changes.push({ step: name, input: name, before: null, after: `value:${fingerprint.digest}`, needs: "nothing" });
      }
      continue;
    }
    if (digest === fingerprint.digest) continue;
    const before = inputsOf(digest);
    const inputs = before
      ? changedInputs(before, fingerprint.inputs)
      : [{ input: name, before: `value:${digest}`, after: `value:${fingerprint.digest}` }];
    for (const change of inputs) {
      if (change.input === "packs.enabled") continue;
      // Every step is made of the directory: it is told once.
      if (change.input !== directoryInput) changes.push({ step: name, ...change, needs: "nothing" });
      else if (!changes.some(({ input }) => input === directoryInput)) {
        changes.push({ step: "machine", ...change, needs: "nothing" });
      }
    }
  }
  for (const [name, digest] of Object.entries(applied.steps)) {
    if (steps.some((step) => step.name === name) || applied.packs.includes(name)) continue;
    changes.push({ step: name, input: name, before: `value:${digest}`, after: null, needs: "nothing" });
  }
  return [...machine, ...changes];
}

function needOf(input: string): Need {
  return input === "machine.mounts" ? "restart" : "new machine";
}
