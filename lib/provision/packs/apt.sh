# Packages of Debian and Ubuntu that the other packs need.
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
apt_install ca-certificates curl git unzip xz-utils
