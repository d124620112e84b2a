"""One module a command. At import they need click alone; what a command works with is imported when it runs."""
