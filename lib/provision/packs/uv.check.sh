works uv
