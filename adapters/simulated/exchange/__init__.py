"""The simulated broker and its account: orders in, fills and reports out, books that survive a restart."""
