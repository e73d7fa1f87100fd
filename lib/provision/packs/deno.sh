# Deno, from npm.
npm_install deno
must_work deno
