/**
 * What happens on a forge at the worst moment: between two pages, or after something was done and before it was looked at.
 * Each mishap on the forges that can have it, by the tasks themselves.
 *
 * @module
 */

import { assertEquals } from "../lib/deps/assert.ts";
import { briefLane, openForge } from "../lib/forge/mod.ts";
import type { Io } from "../lib/io/mod.ts";
import { type OpenModel, openModel } from "./_vendor/open_model.ts";

type Fetch = Io["network"]["fetch"];

/** The world of a forge, with something between it and the network. */
function between(place: OpenModel, fetch: (real: Fetch) => Fetch): Io {
  return { ...place.io, network: { fetch: fetch((url, options) => place.io.network.fetch(url, options)) } };
}

for (const vendor of ["gitea", "forgejo", "gitlab"] as const) {
  Deno.test(`a pull request deleted and another opened between two pages hide no third one: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => {
      model.clamp = 50;
      model.issue({ title: "the issue" });
      for (let number = 2; number <= 121; number++) {
        model.pull({ title: number === 52 ? "Fix #1" : "other", head: "w", number });
      }
    });
    let isDone = false;
    const io = between(place, (real) => async (url, options) => {
      if (!isDone && /(pulls|merge_requests)$/.test(url.pathname) && url.searchParams.get("page") === "2") {
        isDone = true;
        place.model.items.delete(3);
        place.model.now += 5;
        place.model.pull({ title: "new", head: "w", number: 200, updatedAt: place.model.now });
      }
      return await real(url, options);
    });
    const { forge } = await openForge(io, { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 });
    const { candidates, underway } = await briefLane(forge, { labels: [] }, { heldLabels: [] });
    assertEquals([isDone, candidates.map(({ number }) => number), underway.map(({ issue }) => issue.number)], [
      true,
      [],
      [
        1,
      ],
    ]);
  });
}

Deno.test("a merge request deleted before it is asked what it closes is no reason to say that there is no repo", async () => {
  await using place = await openModel("gitlab", (model) => {
    model.issue();
    model.pull({ number: 9 });
  });
  const io = between(place, (real) => (url, options) => {
    if (url.pathname.endsWith("/closes_issues")) place.model.items.delete(9);
    return real(url, options);
  });
  const { forge } = await openForge(io, { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 });
  const { candidates } = await briefLane(forge, { labels: [] }, { heldLabels: [] });
  assertEquals(candidates.map(({ number }) => number), [1]);
});
