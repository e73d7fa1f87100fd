have claude
