/** A program that is talked to while it runs. */
import type { Child } from "./io.ts";

const encoder = new TextEncoder();

/** The child, behind what muster needs of it. */
export function startChild(child: Deno.ChildProcess): Child {
  const writer = child.stdin.getWriter();
  // A program may end, or close its input, at any time: who writes to it learns that from its status.
  writer.closed.catch(() => {});
  let isClosed = false;
  const status = child.status.then(({ code }) => code);
  return {
    pid: child.pid,
    stdin: writer,
    stdout: child.stdout,
    stderr: child.stderr,
    status,
    async write(text) {
      try {
        await writer.write(encoder.encode(text));
      } catch (error) {
        if (!isOver(error, isClosed)) throw error;
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      try {
        await writer.close();
      } catch (error) {
        if (!isOver(error, isClosed)) throw error;
      }
    },
    kill,
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await status;
      isClosed = true;
      await Promise.allSettled([writer.abort(), cancel(child.stdout), cancel(child.stderr)]);
    },
  };

  function kill(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
  }
}

function isOver(error: unknown, isClosed: boolean): boolean {
  return error instanceof Deno.errors.BrokenPipe || isClosed || error instanceof TypeError;
}

/** Lets go of a stream; whoever reads it does that itself. */
async function cancel(stream: ReadableStream<Uint8Array>): Promise<void> {
  if (!stream.locked) await stream.cancel();
}
