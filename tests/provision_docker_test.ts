/**
 * Provisioning a container of docker: a daemon of the test's own, with its socket and all that it keeps in a scratch directory.
 *
 * @module
 */

import { realIo } from "../lib/io/mod.ts";
import { scenarios } from "./_container_scenarios.ts";
import { startDockerd, whyNoDocker } from "./_dockerd.ts";

const why = await whyNoDocker();
if (why !== undefined) realIo.terminal.err(`docker is not tried: ${why}\n`);

/** What is docker's own: the words and answers of its program. What muster makes of them, podman has shown. */
const tried = [/^a container: create, /, /^a change of mounts that is killed /, /^an image that is gone /];

Deno.test({
  name: "docker does what podman does",
  ignore: why !== undefined,
  async fn(t) {
    // Some machines let nobody run a daemon of docker: podman shows there what a container driver does.
    const dockerd = await startDockerd().catch((error: Error) => error);
    if (dockerd instanceof Error) realIo.terminal.err(`docker is not tried: ${dockerd.message}\n`);
    await using daemon = dockerd instanceof Error ? undefined : dockerd;
    for (const { name, fn } of scenarios.filter((one) => tried.some((title) => title.test(one.name)))) {
      await t.step({
        name,
        ignore: daemon === undefined,
        fn: (step) => fn({ driver: "docker", env: daemon?.env ?? {} }, step),
      });
    }
  },
});
