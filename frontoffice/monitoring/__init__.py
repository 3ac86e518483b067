"""What those who run the service watch, on an internal address only: what waits, counts and times, health; `alerts.yml` holds alarms over it for Prometheus."""
