"""Long runs against the whole service while its parts are killed, paused and restarted at random; `make campaign SEED=n` repeats one."""
