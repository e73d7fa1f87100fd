# Codex, from npm.
npm_install @openai/codex
must_work codex
