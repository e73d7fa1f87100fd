# What the packs of the starter set share. All but apt and node goes below the person's home, and needs no root.
prefix=$HOME/.local
export PATH="$prefix/bin:$PATH"

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: as it is, or by sudo where that asks nothing.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
  else echo "needs root, or sudo without a password: $*" >&2 && return 1; fi
}

apt_install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# Installs packages of npm into the home.
npm_install() {
  have npm || { echo "npm is missing: enable the pack node before this one" >&2 && return 1; }
  npm install --global --prefix "$prefix" --no-audit --no-fund "$@"
}
