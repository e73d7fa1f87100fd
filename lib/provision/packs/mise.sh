# mise, which installs the tools that a project declares.
curl -fsSL https://mise.run | env MISE_INSTALL_PATH="$prefix/bin/mise" sh
must_work mise
