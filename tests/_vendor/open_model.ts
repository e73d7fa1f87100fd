/** A forge of the tests, opened as muster opens one: a server, its entry, and the client. @module */

import { type ForgeEntry } from "../../lib/config/read_forges.ts";
import { type Forge, openForge } from "../../lib/forge/mod.ts";
import { type Io, realIo, withEnvironment } from "../../lib/io/mod.ts";
import { ForgeModel, type ForgeVendor } from "./forge_model.ts";
import { openForgeServer } from "./forge_server.ts";
import type { VendorServer, VendorServerOptions } from "./server.ts";

/** What a test has of a forge. */
export interface OpenModel extends AsyncDisposable {
  readonly model: ForgeModel;
  readonly server: VendorServer;
  readonly forge: Forge;
  readonly entry: ForgeEntry;
  readonly io: Io;
  /** Opens it anew, with a client and a deadline of its own. */
  open(options?: { readonly timeoutMs?: number; readonly repo?: string }): Promise<Forge>;
}

/** The secret of the tests' forges. */
export const secret = "s3cret-t0ken";

/** `forges.toml` of a server. */
export function forgesToml(vendor: ForgeVendor, server: VendorServer, more = ""): string {
  return `[[forge]]
host = "${server.host}"
kind = "${vendor}"
url = "${server.url}"
owners = ["ada", "group"]
token_env = "MUSTER_TEST_TOKEN"
${more}
`;
}

/** Opens a forge with a model that is filled first. */
export async function openModel(
  vendor: ForgeVendor,
  fill: (model: ForgeModel) => void = () => {},
  options: VendorServerOptions & { readonly toml?: string } = {},
): Promise<OpenModel> {
  const model = new ForgeModel();
  if (vendor === "gitlab") model.repo = "group/sub/tool";
  fill(model);
  const server = openForgeServer(vendor, model, options);
  const directory = await Deno.makeTempDir({ prefix: "muster-forge-" });
  await Deno.writeTextFile(`${directory}/forges.toml`, forgesToml(vendor, server, options.toml));
  const io = withEnvironment(realIo, {
    HOME: directory,
    MUSTER_HOME: directory,
    MUSTER_TEST_TOKEN: secret,
    GITEA_LOGIN: "",
    FORGEJO_LOGIN: "",
    GITHUB_LOGIN: "",
    GITLAB_LOGIN: "",
  });
  const open = ({ timeoutMs = 60_000, repo = model.repo }: { timeoutMs?: number; repo?: string } = {}) =>
    openForge(io, { repo: `${server.url}/${repo}`, cwd: directory, timeoutMs });
  const { forge, entry } = await open();
  return {
    model,
    server,
    forge,
    entry,
    io,
    open: async (options) => (await open(options)).forge,
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}
