import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "./error.ts";
import { fakeIo } from "./fake.ts";
import { permissionError, permissionFlag, requirePermission } from "./permission.ts";

Deno.test("permissionFlag writes the word that grants what a descriptor describes", () => {
  const cases: readonly (readonly [Deno.PermissionDescriptor, string])[] = [
    [{ name: "run", command: "tmux" }, "--allow-run=tmux"],
    [{ name: "run" }, "--allow-run"],
    [{ name: "read", path: "/a b" }, "--allow-read=/a b"],
    [{ name: "read" }, "--allow-read"],
    [{ name: "write", path: "/tmp" }, "--allow-write=/tmp"],
    [{ name: "env", variable: "HOME" }, "--allow-env=HOME"],
    [{ name: "env" }, "--allow-env"],
    [{ name: "net", host: "example.com:443" }, "--allow-net=example.com:443"],
    [{ name: "sys", kind: "hostname" }, "--allow-sys=hostname"],
    [{ name: "ffi", path: "/lib/a.so" }, "--allow-ffi=/lib/a.so"],
    [{ name: "import", host: "example.com" }, "--allow-import=example.com"],
  ];
  for (const [descriptor, word] of cases) assertEquals(permissionFlag(descriptor), word);
});

Deno.test("requirePermission throws what permissionError says, where the permission is not given", () => {
  const { permissions } = fakeIo({ denied: ["--allow-run=tmux"] });
  requirePermission({ name: "run", command: "sh" }, permissions);
  const error = assertThrows(() => requirePermission({ name: "run", command: "tmux" }, permissions), MusterError);
  assertEquals([error.code, error.message, error.hint], [
    "permission",
    "missing permission: --allow-run=tmux",
    "add --allow-run=tmux to the deno run line; if it is there, install what is not on PATH of tmux",
  ]);
  const cause = new Error("denied");
  assertEquals(permissionError("--allow-env", { cause }).cause, cause);
});
