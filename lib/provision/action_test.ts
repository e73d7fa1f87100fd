import { assertEquals } from "../deps/assert.ts";
import { type Action, actionFor, actions } from "./action.ts";

Deno.test("the action that each observed state calls for", () => {
  const cases: readonly (readonly [exists: boolean, running: boolean, asDeclared: boolean, action: Action])[] = [
    [false, false, false, "create"],
    [false, false, true, "create"],
    [false, true, false, "create"],
    [false, true, true, "create"],
    [true, true, true, "none"],
    [true, true, false, "update_mount_and_restart"],
    [true, false, true, "start"],
    [true, false, false, "attach_mount_and_start"],
  ];
  for (const [exists, running, mountsAsDeclared, action] of cases) {
    assertEquals(actionFor({ exists, running, mountsAsDeclared, instance: "", boot: "" }), action);
  }
  assertEquals(new Set(cases.map(([, , , action]) => action)), new Set(actions));
});
