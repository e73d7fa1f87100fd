import { musterState } from "../config/locate.ts";
import type { Io } from "../io/mod.ts";
import { digestSecret, frame, secretKey } from "../state/mod.ts";

/**
 * The directory that waiters of one server and token share, below muster's state; `undefined` where it may not be used. Its
 * name is a digest under a key of this machine's own: it tells nobody the token.
 */
export async function boardDirectory(
  io: Io,
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<string | undefined> {
  const variables = ["HOME", "MUSTER_STATE", "XDG_STATE_HOME"] as const;
  if (!variables.every((variable) => io.permissions.isGranted({ name: "env", variable }))) return undefined;
  const state = musterState(io.env);
  if (!(["read", "write"] as const).every((name) => io.permissions.isGranted({ name, path: state }))) return undefined;
  const key = await secretKey(io.files, `${state}/secret.key`);
  const directory = `${state}/ci/${(await digestSecret(key, frame([url, secret]))).slice(0, 32)}`;
  await io.files.makeDirectory(directory, { mode: 0o700 });
  await removeOld(io, directory);
  return directory;
}

/** What nobody has read for a day nobody waits for; who still does reads anew. */
async function removeOld({ files, clock }: Pick<Io, "files" | "clock">, directory: string): Promise<void> {
  const names = (await files.list(directory) ?? []).map(({ name }) => name).filter((name) =>
    // Answers and their locks, and what a writer left that was killed.
    /^([0-9a-f]{64}|\.)/.test(name)
  );
  const paths = names.map((name) => `${directory}/${name}`);
  const facts = await files.factsOf(paths);
  const isOld = (at: number) => clock.now() - (facts[at]?.modifiedMs ?? clock.now()) > 24 * 3_600_000;
  await Promise.all(paths.filter((_, at) => isOld(at)).map((path) => files.remove(path)));
}
