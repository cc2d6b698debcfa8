"""What brings the job to where it runs. Nothing in here is loaded by the job itself."""
