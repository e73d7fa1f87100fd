# Pi, from npm.
npm_install @mariozechner/pi-coding-agent
must_work pi "pi needs a newer Node than $(node --version)"
