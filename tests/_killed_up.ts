/**
 * `provision up` that kills itself after so many writes of its state. Run by a test, with the project and the number; prints
 * how many writes there were when it comes to its end.
 *
 * @module
 */
import { type Files, realIo } from "../lib/io/mod.ts";
import { bringUp, readProject } from "../lib/provision/mod.ts";

const [directory = ".", count = "0"] = Deno.args;
let writes = 0;

/** One write, and perhaps the last. */
async function counted<T>(write: () => Promise<T>): Promise<T> {
  if (writes === Number(count)) Deno.kill(Deno.pid, "SIGKILL");
  writes++;
  return await write();
}

const { write, append, remove } = realIo.files;
const files: Files = {
  ...realIo.files,
  write: (...args) => counted(() => write(...args)),
  append: (...args) => counted(() => append(...args)),
  remove: (...args) => counted(() => remove(...args)),
};
const io = { ...realIo, files };
const signal = new AbortController().signal;
await bringUp(io, await readProject(io, directory), { timeoutMs: 60_000, graceMs: 1_000, onEvent: () => {}, signal });
realIo.terminal.out(`${writes}\n`);
