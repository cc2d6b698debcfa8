"""One firing measured as a whole process, beside the same work done by other means."""
