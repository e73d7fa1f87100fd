have codex
