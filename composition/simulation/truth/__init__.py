"""What must hold, judged by the broker's books, the rows of the log and the clock."""
