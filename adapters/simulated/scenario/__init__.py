"""A market that follows a script: quotes, fills, refusals and failures as a file or a test says."""
