"""The pure core: values and decisions. It has no clock, no chance, no network and no log; time and ids arrive in events."""
