"""One firing: the run itself, what it is made of, and the commands around it."""
