# Codex, from npm.
npm_install @openai/codex
