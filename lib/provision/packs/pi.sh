# Pi, from npm.
npm_install @mariozechner/pi-coding-agent
