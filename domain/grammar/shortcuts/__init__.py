"""What saves time and changes nothing: each decides as the whole reading does, and tests hold it to that."""
