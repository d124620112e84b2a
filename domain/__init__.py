"""The pure core: values and decisions. No clock, chance, network or log; time and ids arrive in events."""
