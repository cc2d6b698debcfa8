"""What survives between runs: the notes and their law, the journal, and what they mean."""
