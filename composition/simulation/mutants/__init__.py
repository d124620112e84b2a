"""Known faults of trading bots, planted into our own code to see whether the simulator bites."""
