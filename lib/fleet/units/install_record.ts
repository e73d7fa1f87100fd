import { z } from "../../deps/zod.ts";
import { type Io, MusterError } from "../../io/mod.ts";
import { unitPlace } from "./place.ts";

const program = z.object({
  name: z.string(),
  path: z.string(),
  version: z.string(),
  unproved: z.string().optional(),
  size: z.int(),
  modifiedAt: z.int(),
  agents: z.array(z.string()).readonly(),
});

const record = z.object({
  version: z.literal(1),
  installedAt: z.string(),
  socket: z.string(),
  holder: z.string(),
  path: z.string(),
  muster: z.object({ command: z.array(z.string()).readonly(), version: z.string() }),
  programs: z.array(program).readonly(),
  files: z.record(z.string(), z.string()),
  agents: z.array(z.string()).readonly(),
});

/** What `fleet install` installed: the units' PATH and programs, and the files that it wrote, by the digests of their content. */
export type InstallRecord = z.output<typeof record>;

/**
 * A program that units run: where it was found, its own word on its version (empty where it was not asked), its file, and
 * the versions that its runtime was proved with where this is none of them.
 */
export type InstalledProgram = z.output<typeof program>;

/**
 * What was installed; `undefined` where no units are.
 *
 * @throws {MusterError} of code `failed` for a record that cannot be read: it says what to remove.
 */
export async function readInstall(io: Pick<Io, "files" | "env">): Promise<InstallRecord | undefined> {
  const path = unitPlace(io.env).record;
  const bytes = await io.files.read(path);
  if (bytes === undefined) return undefined;
  const hint = "muster fleet install writes it anew";
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MusterError("failed", `broken record of what was installed: ${path}`, { hint, cause });
  }
  const checked = record.safeParse(parsed);
  if (!checked.success) throw new MusterError("failed", `broken record of what was installed: ${path}`, { hint });
  return checked.data;
}

/** Writes what was installed. */
export async function writeInstall(io: Pick<Io, "files" | "env">, installed: InstallRecord): Promise<void> {
  await io.files.write(unitPlace(io.env).record, `${JSON.stringify(installed, null, 2)}\n`, { mode: 0o600 });
}

/** The digest by which a written file is known again. */
export async function contentDigest(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
