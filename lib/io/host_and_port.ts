const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * The host of an address with its port, as `--allow-net` wants it: a grant of one port does not cover a host without.
 *
 * @example
 * ```ts
 * import { hostAndPort } from "./host_and_port.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(hostAndPort(new URL("https://git.example.org/a")), "git.example.org:443");
 * assertEquals(hostAndPort(new URL("http://127.0.0.1:3000/")), "127.0.0.1:3000");
 * ```
 */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || defaultPorts[url.protocol] || ""}`;
}
