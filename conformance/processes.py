"""Processes that end with the run: each is known by its id, and nothing else is ended."""

import os
import signal
import subprocess


class Processes:
    """What was started, the last first."""

    def __init__(self, work):
        self.work = work
        self.running = []

    def __enter__(self):
        (self.work / "log").mkdir(exist_ok=True)
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self.end(process)

    def start(self, name, command, **options):
        """Starts a process whose output is in log/NAME.log."""
        log = open(self.work / "log" / f"{name}.log", "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)
        self.running.append(process)
        return process

    def end(self, process):
        """Asks the process to end, and kills it if it doesn't."""
        if process in self.running:
            self.running.remove(process)
        if process.poll() is not None:
            return
        os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
