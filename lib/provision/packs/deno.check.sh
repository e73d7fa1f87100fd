works deno
