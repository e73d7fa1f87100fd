# Node with npm: Debian's and Ubuntu's, or Homebrew's.
if have apt-get; then apt_install nodejs npm
elif have brew; then brew install --quiet node
else echo "neither apt-get nor brew is there: write a pack packs/node.sh of your own" >&2 && exit 1; fi
