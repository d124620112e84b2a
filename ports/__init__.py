"""What the core needs of the world, one role a file, in the domain's own words."""
