import { type Io, MusterError } from "../io/mod.ts";

/**
 * The certificates of an authority, as PEM.
 *
 * @throws {MusterError} of code `config` for a file that is missing, or holds none.
 */
export async function readAuthority(io: Pick<Io, "files">, path: string): Promise<string> {
  const bytes = await io.files.read(path);
  if (bytes === undefined) throw new MusterError("config", `no such file: ca ${path}`);
  const text = new TextDecoder().decode(bytes);
  if (/-----BEGIN CERTIFICATE-----[^]+-----END CERTIFICATE-----/.test(text)) return text;
  throw new MusterError("config", `no certificate in PEM: ca ${path}`);
}
