"""The machine itself: its clock, its terminal, chance for names."""
