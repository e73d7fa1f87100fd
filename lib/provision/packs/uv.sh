# uv, which installs Python and its packages.
curl -fsSL https://astral.sh/uv/install.sh | env UV_NO_MODIFY_PATH=1 UV_INSTALL_DIR="$prefix/bin" sh
must_work uv
