"""What was said in rooms, read back from files: lines of alerts and exports of channels, in order of time."""
