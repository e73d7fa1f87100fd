# Deno, from npm.
npm_install deno
