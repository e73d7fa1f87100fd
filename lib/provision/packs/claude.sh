# Claude Code, from npm.
npm_install @anthropic-ai/claude-code
must_work claude
