/**
 * The forge of `bench/lane.ts`, in a process of its own, which ends when its input does. Each answer is made once and
 * then given after a fixed time, so that it is the distance of a forge that is measured, and not this one's work.
 *
 * @module
 */

import { ForgeModel, type ForgeVendor } from "../tests/_vendor/forge_model.ts";
import { openForgeServer } from "../tests/_vendor/forge_server.ts";

/** How long each answer takes, in milliseconds. */
const answerMs = 20;

const [vendor = "gitea", issues = "0", pulls = "0", keeps = "no"] = Deno.args;
const model = new ForgeModel();
model.keepsDependencies = keeps === "dependencies";
for (let number = 1; number <= Number(issues); number++) model.issue({ milestone: "m", body: "Text.\n".repeat(20) });
for (let number = 1; number <= Number(pulls); number++) model.pull({ body: `Closes #${number}`, head: `b${number}x` });
const maker = openForgeServer(vendor as ForgeVendor, model, { isUnchecked: true });
const made = new Map<string, { readonly text: string; readonly headers: Record<string, string> }>();

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  const { pathname, search, origin } = new URL(request.url);
  const body = request.method === "GET" ? undefined : await request.text();
  const key = [pathname, search, body].join(" ");
  let answer = made.get(key);
  if (!answer) {
    const response = await fetch(`${maker.url}${pathname}${search}`, { method: request.method, body });
    const kept = [...response.headers].filter(([name]) => /^(?:link|date|x-|content-type)/.test(name));
    const headers = Object.fromEntries(kept.map(([name, value]) => [name, value.replaceAll(maker.url, origin)]));
    answer = { text: await response.text(), headers };
    made.set(key, answer);
  }
  await new Promise((resolve) => setTimeout(resolve, answerMs));
  return new Response(answer.text, { headers: answer.headers });
});
await Deno.stdout.write(new TextEncoder().encode(`http://127.0.0.1:${server.addr.port}\n`));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
