"""The simulated market: what is listed, at which prices, quoted how."""
