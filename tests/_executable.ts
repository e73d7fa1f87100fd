/**
 * Writes a program that is run soon after. Written from here it could be "Text file busy": a test that starts a process at
 * that instant, in another thread of this one, hands the open file down until that process runs its own program.
 */
export async function writeExecutable(path: string, text: string): Promise<void> {
  const child = new Deno.Command("sh", {
    args: ["-c", 'cat >"$1" && chmod 755 "$1"', "sh", path],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code } = await child.status;
  if (code !== 0) throw new Error(`cannot write ${path}: sh ended with status ${code}`);
}
