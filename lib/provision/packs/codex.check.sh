works codex
