"""The simulated broker and market: what paper trading, property tests, replays and crash simulations run on."""
