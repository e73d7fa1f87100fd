/**
 * Provisioning a container of podman: a real one, of an image that debootstrap makes.
 *
 * @module
 */

import { realIo } from "../lib/io/mod.ts";
import { scenarios } from "./_container_scenarios.ts";
import { makeImage, whyNoContainers } from "./_image.ts";

const why = await whyNoContainers();
// The reason for being left out is told once, where somebody looks.
if (why !== undefined) realIo.terminal.err(`containers are not tried: ${why}\n`);

for (const { name, fn } of scenarios) {
  Deno.test({
    name,
    ignore: why !== undefined,
    async fn(t) {
      await makeImage();
      await fn({ driver: "podman", env: {} }, t);
    },
  });
}
