works claude
