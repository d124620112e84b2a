"""What a day holds: plans as values, drawn from a seed, kept in files, made small."""
