/** Digests of files' contents. */

/** So many files at a time are read and hashed apart, before the faster hash is worth its 20 ms of loading. */
const fewFiles = 64;
/** A larger file is read in pieces. */
const wholeBytes = 1 << 20;

/** The SHA-256 of each file in hex; `undefined` for one that cannot be read, unless `failed` throws. */
export async function digestFiles(
  paths: readonly string[],
  failed: (path: string, error: unknown) => void,
  { signal, sizes = [] }: { readonly signal?: AbortSignal; readonly sizes?: readonly number[] } = {},
): Promise<(string | undefined)[]> {
  const digest = paths.length > fewFiles ? await loadedDigest() : wholeDigest;
  const digests: (string | undefined)[] = [];
  for (const [at, path] of paths.entries()) {
    signal?.throwIfAborted();
    try {
      const found = digest(path, sizes[at]);
      digests.push(typeof found === "string" ? found : await found);
    } catch (error) {
      failed(path, error);
      digests.push(undefined);
    }
  }
  return digests;
}

async function wholeDigest(path: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > wholeBytes) return await (await loadedDigest())(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}

/** Node's hash, which waits for nobody: half the time of `crypto.subtle` over many small files. */
async function loadedDigest(): Promise<(path: string, expected?: number) => string> {
  const { createHash, hash } = await import("node:crypto");
  const buffer = new Uint8Array(wholeBytes);
  return (path, expected) => {
    using file = Deno.openSync(path);
    let size = file.readSync(buffer) ?? 0;
    if (size === expected && size < buffer.length) return hash("sha256", buffer.subarray(0, size));
    if (size < buffer.length) {
      const more = file.readSync(buffer.subarray(size));
      if (more === null) return hash("sha256", buffer.subarray(0, size));
      size += more;
    }
    const whole = createHash("sha256").update(buffer.subarray(0, size));
    for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
      whole.update(buffer.subarray(0, read));
    }
    return whole.digest("hex");
  };
}
