# fish completion for muster: source it, or put it in ~/.config/fish/completions/muster.fish
complete -c muster -f -a '(muster complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null </dev/null)'
complete -c muster -n 'string match -qr -- "^(-f|--file)\$" (commandline -opc)[-1]' -F
