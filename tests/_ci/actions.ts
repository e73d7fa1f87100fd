/** Gitea Actions on a server of the tests: one run at rest for whatever commit is asked for. @module */

import type { VendorServer } from "../_vendor/server.ts";
import { sha } from "./life.ts";

/** Has a Gitea tell runs 12 and 13 of any commit, the first well, the second badly, and start 14. */
export function tellActions(server: VendorServer): VendorServer {
  const run = (id: number, head_sha = sha) => ({
    id,
    path: "ci.yml@refs/heads/main",
    head_sha,
    head_branch: "main",
    event: "push",
    run_attempt: 1,
    html_url: `${server.url}/ada/tool/actions/runs/${id}`,
    started_at: "2026-01-01T00:00:00Z",
    completed_at: "2026-01-01T00:01:00Z",
    status: "completed",
    conclusion: "success",
  });
  const job = (id: number) => ({ id, run_id: id, name: "test", status: "completed", conclusion: "failure" });
  return server
    .on("GET", "/repos/{owner}/{repo}/branches/{branch}", ({ params }) => ({
      body: { name: params.branch, commit: { id: sha } },
    }))
    .on("GET", "/repos/{owner}/{repo}/actions/runs", ({ query }) => ({
      body: { total_count: 1, workflow_runs: [run(12, query.get("head_sha") ?? sha)] },
    }))
    .on("GET", "/repos/{owner}/{repo}/actions/runs/{run}", ({ params }) => ({ body: run(Number(params.run)) }))
    .on("GET", "/repos/{owner}/{repo}/actions/runs/{run}/jobs", ({ params }) => ({
      body: { total_count: 1, jobs: [job(Number(params.run))] },
    }))
    .on("GET", "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", () => new Response("one\ntwo\nthree\n"))
    .on("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", () => ({
      body: { workflow_run_id: 14, run_url: `${server.url}/14`, html_url: `${server.url}/14` },
    }));
}
