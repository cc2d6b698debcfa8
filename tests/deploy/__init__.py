"""Where users run the job: cron, systemd, a container. Everything in deploy/ is executed here."""
