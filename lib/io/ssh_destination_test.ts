import { assertEquals } from "../deps/assert.ts";
import { sshDestination } from "./ssh_destination.ts";

Deno.test("sshDestination takes hosts, and nothing that ssh or a shell would take for more", () => {
  const hosts = ["far", "ada@far", "a-b.example", "10.0.0.1", "::1", "fe80::1%eth0", "[::1]", "ada@[::1]", "_a@b_c"];
  assertEquals(hosts.filter((host) => !sshDestination.test(host)), []);
  const others = [
    "",
    "-F",
    "-oProxyCommand=x",
    "ada@-x",
    "a b",
    "a\nb",
    "a;b",
    "$(x)",
    "a/b",
    "ssh://a",
    "@a",
    "a@",
    "a\n",
  ];
  assertEquals(others.filter((host) => sshDestination.test(host)), []);
});
