have uv
