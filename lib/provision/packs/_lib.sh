# What the packs of the starter set share. All but apt and node goes below the person's home, and needs no root.
prefix=$HOME/.local
export PATH="$prefix/bin:$PATH"

have() { command -v "$1" >/dev/null 2>&1; }

# Whether a program is there and runs: one that its interpreter is too old for is installed, and of no use.
works() { have "$1" && "$1" --version >/dev/null 2>&1; }

# Says in one line why a program that was just installed does not run.
must_work() { works "$1" || { echo "$1 is installed and does not run${2:+: $2}" >&2 && return 1; }; }

# Runs a command as root: as it is, or by sudo where that asks nothing.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
  else echo "needs root, or sudo without a password: $*" >&2 && return 1; fi
}

# Where the packages are not known yet, as on a new machine, asks for the lists first.
apt_install() {
  apt-cache show "$1" >/dev/null 2>&1 || as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# Installs packages of npm into the home.
npm_install() {
  have npm || { echo "npm is missing: enable the pack node before this one" >&2 && return 1; }
  npm install --global --prefix "$prefix" --no-audit --no-fund "$@"
}
