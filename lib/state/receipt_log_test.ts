import { assertEquals, assertMatch } from "../deps/assert.ts";
import { realIo } from "../io/mod.ts";
import { withEnvironment } from "../io/with_environment.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { keepReceipt, type KeptReceipt, readReceipts, receiptDirectory } from "./receipt_log.ts";

const receipt = (messageId: string, more: Partial<KeptReceipt> = {}): KeptReceipt => ({
  outcome: "submitted",
  evidence: "screen",
  messageId,
  target: { socket: "muster", session: "coder0", pane: "%1" },
  bytes: 7,
  attempts: 1,
  elapsedMs: 12.5,
  ...more,
});

/** The real world, its state in a directory of its own. */
const worldOf = (state: string) => withEnvironment(realIo, { MUSTER_STATE: state, XDG_STATE_HOME: "", HOME: state });

Deno.test("receipts are kept a line each, without the message, and read the latest first", async () => {
  await using directory = await temporaryDirectory();
  const io = worldOf(directory.path);
  assertEquals(await readReceipts(io), []);
  const first = receipt("01A");
  assertEquals(await keepReceipt(io, first, "the secret", { host: "ada@far", from: "near:main" }), first);
  await Promise.all(Array.from({ length: 20 }, (_, at) => keepReceipt(io, receipt(`02-${at}`), "more")));
  const { at, ...kept } = (await readReceipts(io)).at(-1) ?? { at: 0 };
  assertEquals(kept, {
    messageId: "01A",
    outcome: "submitted",
    evidence: "screen",
    host: "ada@far",
    socket: "muster",
    session: "coder0",
    pane: "%1",
    from: "near:main",
    digest: "368a693d784c7d1957ec748148a5de1e1f2e97f1f6360c69b0cfcf6471bbbf07",
    bytes: 7,
    attempts: 1,
    elapsedMs: 12.5,
  });
  assertEquals([Math.abs(Date.now() - at) < 60_000, (await readReceipts(io)).length], [true, 21]);
  const [file, ...none] = [...Deno.readDirSync(receiptDirectory(io.env))];
  const path = `${receiptDirectory(io.env)}/${file?.name}`;
  assertEquals([none, Deno.statSync(path).mode! & 0o777], [[], 0o600]);
  assertMatch(file?.name ?? "", /^\d{4}-\d\d-\d\d\.jsonl$/);
  assertEquals(Deno.readTextFileSync(path).includes("secret"), false);
});

Deno.test("only the end of the record is read, and a line that was cut short is none", async () => {
  await using directory = await temporaryDirectory();
  const io = worldOf(directory.path);
  for (const id of ["01", "02", "03"]) await keepReceipt(io, receipt(id), id);
  const [file] = [...Deno.readDirSync(receiptDirectory(io.env))];
  const path = `${receiptDirectory(io.env)}/${file?.name}`;
  const text = Deno.readTextFileSync(path);
  const [line = ""] = text.split("\n");
  Deno.writeTextFileSync(`${receiptDirectory(io.env)}/2020-01-01.jsonl`, `${line.replace('"01"', '"00"')}\n`);
  const ids = async (maxBytes: number) => (await readReceipts(io, { maxBytes })).map(({ messageId }) => messageId);
  assertEquals(await ids(1_000_000), ["03", "02", "01", "00"]);
  assertEquals(await ids(line.length * 2), ["03"]);
  Deno.writeTextFileSync(path, text.slice(0, -20));
  assertEquals(await ids(1_000_000), ["02", "01", "00"]);
  await keepReceipt(io, receipt("04"), 'a body with {"at":1}', { from: 'near:{"at":1}' });
  assertEquals(await ids(1_000_000), ["04", "02", "01", "00"], "the next one stands behind it, and is read");
});

Deno.test("what is on record already is not kept again; what cannot be written is said in the receipt", async () => {
  await using directory = await temporaryDirectory();
  const io = worldOf(directory.path);
  await keepReceipt(io, receipt("01", { repeated: true }), "x");
  assertEquals(await readReceipts(io), []);
  Deno.writeTextFileSync(`${directory.path}/receipts`, "in the way");
  const { unkept } = await keepReceipt(io, receipt("01"), "x");
  assertMatch(unkept ?? "", /^cannot write: .*\/receipts\/\d{4}-\d\d-\d\d\.jsonl/);
  const lost = worldOf("relative/path");
  assertMatch((await keepReceipt(lost, receipt("01"), "x")).unkept ?? "", /relative\/path/);
});

Deno.test("nothing is kept without leave to write there, or to know where that is", async () => {
  await using directory = await temporaryDirectory();
  const io = worldOf(directory.path);
  for (const denied of ["write", "env"] as const) {
    const permissions = { isGranted: ({ name }: Deno.PermissionDescriptor) => name !== denied };
    assertEquals(await keepReceipt({ ...io, permissions }, receipt("01"), "x"), receipt("01"));
  }
  assertEquals([...Deno.readDirSync(directory.path)], []);
});
