"""The programs that are measured beside the job. Each is one file, started as a user would."""
