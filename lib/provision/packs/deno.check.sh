have deno
