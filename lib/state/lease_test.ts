import { assert, assertEquals, assertMatch, assertRejects } from "../deps/assert.ts";
import { type Io, MusterError, pollUntil, realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { acquireLease, describeHolder, type LeaseHolder, readLease } from "./lease.ts";
import { ownProcess } from "./owner.ts";

const options = { what: "testing", timeoutMs: 60_000 };

/** A process that takes a lease and keeps it. */
async function startHolder(path: string): Promise<AsyncDisposable & { readonly pid: number; kill(): Promise<void> }> {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `const { realIo } = await import(${url("../io/real.ts")});
    const { acquireLease } = await import(${url("lease.ts")});
    await acquireLease(realIo, ${JSON.stringify(path)}, { what: "holding", timeoutMs: 60_000 });
    console.log("held");
    await new Promise(() => setInterval(() => {}, 1000));`;
  const child = realIo.process.start(Deno.execPath(), ["eval", script]);
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  assertEquals(new TextDecoder().decode(value), "held\n");
  return {
    pid: child.pid,
    async kill() {
      child.kill("SIGKILL");
      await child.status;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Changes what a lease's file says of its owner. */
async function changeOwner(path: string, change: Readonly<Record<string, unknown>>): Promise<void> {
  const file = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...file, owner: { ...file.owner, ...change } }));
}

Deno.test("a lease is one process's at a time, and free again when it is let go", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a/lease.json`;
  assertEquals(await readLease(realIo, path), undefined);
  {
    await using lease = await acquireLease(realIo, path, options);
    assertEquals([lease.path, lease.tookOverFrom], [path, undefined]);
    const holder = await readLease(realIo, path);
    assertEquals([holder?.owner.pid, holder?.what, holder?.life], [Deno.pid, "testing", "alive"]);
    const waited: LeaseHolder[] = [];
    const error = await assertRejects(
      () => acquireLease(realIo, path, { what: "again", timeoutMs: 0, onWait: (one) => waited.push(one) }),
      MusterError,
    );
    assertEquals([error.code, waited.length], ["held", 1]);
    assertMatch(error.message, /^held by another: process \d+ \(testing, since \d{4}-.*Z\)$/);
    assertEquals(error.hint, "wait for it to end, or give more time with --timeout");
  }
  assertEquals(await readLease(realIo, path), undefined);
  await using _again = await acquireLease(realIo, path, options);
});

Deno.test("who waits for a lease is told once whom for, and gets it when it is let go", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  const told = Promise.withResolvers<LeaseHolder>();
  let times = 0;
  const first = await acquireLease(realIo, path, options);
  const second = acquireLease(realIo, path, {
    ...options,
    onWait: (holder) => {
      times++;
      told.resolve(holder);
    },
  });
  assertEquals((await told.promise).owner.pid, Deno.pid);
  await first[Symbol.asyncDispose]();
  const lease = await second;
  assertEquals([lease.tookOverFrom, times], [undefined, 1]);
  await lease[Symbol.asyncDispose]();
});

Deno.test("many at once have a lease one after another", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  let inside = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    await using _lease = await acquireLease(realIo, path, options);
    assertEquals(++inside, 1);
    await realIo.clock.delay(1);
    inside--;
  }));
});

Deno.test("a lease whose owner was killed is taken over, by one of all that wait, with a note", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  await using holder = await startHolder(path);
  let tookOver = 0;
  const waiting = Promise.withResolvers<void>();
  const all = Promise.all(Array.from({ length: 4 }, async () => {
    await using lease = await acquireLease(realIo, path, { ...options, onWait: () => waiting.resolve() });
    if (lease.tookOverFrom) {
      tookOver++;
      assertEquals([lease.tookOverFrom.owner.pid, lease.tookOverFrom.what], [holder.pid, "holding"]);
    }
  }));
  await waiting.promise;
  await holder.kill();
  await all;
  assertEquals(tookOver, 1);
});

Deno.test("a reused pid keeps no lease", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  await acquireLease(realIo, path, options);
  // This process lives, and is another than the one that the lease names by the same number.
  await changeOwner(path, { start: "1" });
  await using lease = await acquireLease(realIo, path, options);
  assertEquals(lease.tookOverFrom?.life, "dead");
});

Deno.test("an owner that cannot be looked at keeps its lease, and the way out is told", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  await acquireLease(realIo, path, options);
  await changeOwner(path, { boot: "another", host: "id elsewhere" });
  const error = await assertRejects(() => acquireLease(realIo, path, { ...options, timeoutMs: 0 }), MusterError);
  assertMatch(error.message, /^held by another: process \d+ on elsewhere \(testing, since .*\)$/);
  assertEquals(error.hint, `it cannot be looked at from here: when it is over, remove ${path}`);
  const holder = await readLease(realIo, path);
  assert(holder !== undefined && describeHolder(holder).includes("on elsewhere"));
});

Deno.test("a lease that another version wrote is not free", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  for (const text of ["", "{", '{"version":2}']) {
    await Deno.writeTextFile(path, text);
    const error = await assertRejects(() => acquireLease(realIo, path, { ...options, timeoutMs: 0 }), MusterError);
    assertEquals([error.code, error.message], ["failed", `cannot read the lease: ${path}`]);
    assertEquals(await Deno.readTextFile(path), text);
  }
});

Deno.test("letting go of a lease leaves another's", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  const mine = await acquireLease(realIo, path, options);
  const owner = await ownProcess(realIo);
  const others = { version: 1, nonce: "other", what: "other", since: new Date(0).toISOString(), owner };
  await Deno.writeTextFile(path, JSON.stringify(others));
  await mine[Symbol.asyncDispose]();
  assertEquals((await readLease(realIo, path))?.what, "other");
});

Deno.test("waiting for a lease stops with the signal's reason", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  await using _lease = await acquireLease(realIo, path, options);
  const controller = new AbortController();
  const reason = new Error("stop");
  const onWait = () => controller.abort(reason);
  const { signal } = controller;
  assertEquals(await assertRejects(() => acquireLease(realIo, path, { ...options, onWait, signal })), reason);
});

Deno.test("a process killed between the look and the writing of a lease leaves it free to others", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lease.json`;
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `const { realIo } = await import(${url("../io/real.ts")});
    const { acquireLease } = await import(${url("lease.ts")});
    const write = () => { console.log("writing"); return new Promise(() => setInterval(() => {}, 1000)); };
    const io = { ...realIo, files: { ...realIo.files, write } };
    await acquireLease(io, ${JSON.stringify(path)}, { what: "holding", timeoutMs: 60_000 });`;
  await using child = realIo.process.start(Deno.execPath(), ["eval", script]);
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  child.kill("SIGKILL");
  await using lease = await acquireLease(realIo, path, options);
  assertEquals(lease.tookOverFrom, undefined);
});

Deno.test("a lease needs sh and its own files, and nothing else", async () => {
  await using directory = await temporaryDirectory();
  const used = new Set<string>();
  const io: Io = {
    ...realIo,
    process: {
      ...realIo.process,
      pid: Deno.pid,
      deno: "deno",
      run: (command, args, runOptions) => {
        used.add(command);
        return realIo.process.run(command, args, runOptions);
      },
    },
  };
  {
    await using _lease = await acquireLease(io, `${directory.path}/lease.json`, options);
  }
  assertEquals([...used], ["sh"]);
  const left = () => Promise.resolve(Array.from(Deno.readDirSync(directory.path), ({ name }) => name));
  await pollUntil(realIo.clock, async () => (await left()).join() === "lease.json.lock" || undefined, {
    what: "the guard alone to be left",
    timeoutMs: 60_000,
  });
});
