import { assert, assertEquals, assertMatch } from "../deps/assert.ts";
import { realIo } from "../io/mod.ts";
import { type Life, type Owner, ownProcess, parseSighting, proveOwner, sightProcesses, sightScript } from "./owner.ts";
import { writeExecutable } from "../../tests/_executable.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";

const here = { host: "m box", boot: "b", namespace: "pid:[1]", user: 1000 };
const owner: Owner = { ...here, pid: 7, start: "100" };

Deno.test("an owner is alive, dead, or cannot be told", () => {
  const seen = (starts: readonly (readonly [number, string])[], other: Partial<typeof here> = {}) => ({
    ...here,
    ...other,
    starts: new Map(starts),
  });
  const lives = [[7, "100"]] as const;
  const cases: readonly (readonly [string, Owner, ReturnType<typeof seen>, Life])[] = [
    ["it runs", owner, seen(lives), "alive"],
    ["it has ended", owner, seen([]), "dead"],
    ["its number came back", owner, seen([[7, "101"]]), "dead"],
    ["the machine was started again", { ...owner, boot: "a" }, seen(lives), "dead"],
    ["another machine", { ...owner, boot: "a", host: "m other" }, seen([]), "unknown"],
    ["a container of this machine", { ...owner, namespace: "pid:[2]" }, seen([]), "unknown"],
    ["a container with this number", { ...owner, namespace: "pid:[2]" }, seen(lives), "unknown"],
    ["a container's name, this kernel", { ...owner, host: "x" }, seen(lives), "alive"],
    ["another user's, which may be hidden", { ...owner, user: 1001 }, seen([]), "unknown"],
    ["another user's, seen by root", { ...owner, user: 1001 }, seen([], { user: 0 }), "dead"],
    ["another user's, which is seen", { ...owner, user: 1001 }, seen(lives), "alive"],
  ];
  for (const [title, one, sighting, life] of cases) assertEquals(proveOwner(one, sighting), life, title);
});

Deno.test("this process is its own owner, and alive", async () => {
  const own = await ownProcess(realIo);
  assertEquals(own.pid, Deno.pid);
  assertMatch(own.start, /^\d+$/);
  assert(own.boot !== "" && own.host.trim() !== "");
  assertEquals(proveOwner(own, await sightProcesses(realIo, [own.pid])), "alive");
  assertEquals((await ownProcess(realIo)).start, own.start);
});

Deno.test("a process that waits to be collected is seen as ended, and so is one that never was", async () => {
  await using parent = realIo.process.start("sh", ["-c", "exit 3 & echo $!; exec sleep 1000"]);
  const { value } = await parent.stdout.getReader().read();
  const zombie = Number(new TextDecoder().decode(value));
  const looks = async () => {
    const { starts } = await sightProcesses(realIo, [zombie, 0x3fffffff, parent.pid]);
    return [...starts.keys()];
  };
  // The child ends when it likes; nobody waits for it, since its parent became another program.
  let seen = await looks();
  while (seen.includes(zombie)) seen = await looks();
  assertEquals(seen, [parent.pid]);
});

Deno.test("where there is no /proc, as on macOS, sysctl says which boot it is, and ps when a process began", async (t) => {
  await using directory = await temporaryDirectory();
  const program = (name: string, text: string) => writeExecutable(`${directory.path}/${name}`, `#!/bin/sh\n${text}\n`);
  // As macOS answers: its ps gives the time in five words, its sysctl nothing for a name that it does not know.
  await program("ps", '[ "$*" = "-o stat=,lstart= -p 42" ] && echo "Ss   Tue Nov 24 10:00:00 2026"');
  await program("uname", '[ "$*" = -n ] && echo mac.local');
  const without = `set -e
[ ! -e /etc/machine-id ] || mount --bind /dev/null /etc/machine-id
mount -t tmpfs tmpfs /proc
PATH=$1:$PATH; shift; exec sh -c "$@"`;
  const cases = [
    ["a session of a boot", "kern.bootsessionuuid", "0E3A-17"],
    ["a system that knows none", "kern.boottime", "{ sec = 1764000000, usec = 0 }"],
  ] as const;
  for (const [title, name, answer] of cases) {
    await t.step(title, async () => {
      await program("sysctl", `[ "$*" = "-n ${name}" ] && echo '${answer}'`);
      const words = ["--mount", "sh", "-c", without, "sh", directory.path, sightScript, "sh", "42", "43"];
      const { stdout, stderr } = await realIo.process.run("unshare", words);
      const starts = new Map([[42, "Tue Nov 24 10:00:00 2026"]]);
      const host = " mac.local";
      assertEquals([parseSighting(stdout), stderr], [
        { host, boot: answer, namespace: "", user: Deno.uid() ?? -1, starts },
        "",
      ]);
    });
  }
});
