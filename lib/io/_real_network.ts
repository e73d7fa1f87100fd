/** The real network behind `Io`. */
import { hostAndPort } from "./host_and_port.ts";
import type { Grants, Network, NetworkRequest } from "./io.ts";
import { NetworkError, type NetworkFault } from "./network_error.ts";
import { requirePermission } from "./permission.ts";

const permissions: Grants = {
  isGranted: (descriptor) => Deno.permissions.querySync(descriptor).state === "granted",
};

/** Connections that trust further authorities, by their certificates: they are kept open, as the others are. */
const clients = new Map<string, Deno.HttpClient>();

/** Asks over HTTP, by deno's own client. */
export function network(): Network {
  return {
    async fetch(url, request = {}) {
      requirePermission({ name: "net", host: hostAndPort(url) }, permissions);
      try {
        const { status, headers, body } = await fetch(url, { ...toInit(request), redirect: "manual" });
        return { status, headers, body };
      } catch (error) {
        if (request.signal?.aborted && error === request.signal.reason) throw error;
        throw asNetworkError(error, url);
      }
    },
  };
}

function toInit({ method = "GET", headers = {}, body, ca, signal }: NetworkRequest) {
  return { method, headers, body, signal, ...(ca === undefined ? {} : { client: clientFor(ca) }) };
}

function clientFor(ca: string): Deno.HttpClient {
  const known = clients.get(ca);
  if (known) return known;
  const client = Deno.createHttpClient({ caCerts: [ca] });
  clients.set(ca, client);
  return client;
}

const faults: readonly (readonly [RegExp, NetworkFault])[] = [
  [/dns error/, "name"],
  [/certificate|client error \(Connect\): (?:tls|received fatal alert)/i, "certificate"],
  [/client error \(Connect\)/, "connect"],
];

/** deno's own words (2.9.6): `fetch failed`, with the reason as its cause. */
function asNetworkError(error: unknown, url: URL): unknown {
  if (!(error instanceof TypeError)) return error;
  const { cause } = error;
  const words = cause instanceof Error ? cause.message : error.message;
  const fault = faults.find(([pattern]) => pattern.test(words))?.[1] ?? "cut";
  const reason = words.replace(/^.*client error \(\w+\): /s, "").replace(/ \(os error \d+\).*$/s, "");
  return new NetworkError(fault, `cannot reach ${hostAndPort(url)}: ${reason}`, { hint: hints[fault], cause: error });
}

const hints: Readonly<Record<NetworkFault, string>> = {
  name: "is the host spelled right?",
  connect: "is it up, and is the port right?",
  certificate: "ca in forges.toml names a file with the authority's certificate, where it is one of your own",
  cut: "it may be down, or behind something that is",
};
