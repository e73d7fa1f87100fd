for package in ca-certificates curl git unzip xz-utils; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]
done
