"""Types at a command's prompts, on a pseudo-terminal, and prints what came of it as JSON.

usage: terminal.py KEYS... -- COMMAND...   (each KEYS is typed at the next prompt)
"""

import json
import os
import pty
import sys
import termios
import time


def main() -> None:
    split = sys.argv.index("--")
    keys, command = sys.argv[1:split], sys.argv[split + 1 :]
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    child = os.fork()
    if child == 0:
        os.setsid()
        for descriptor in (0, 1, 2):
            os.dup2(theirs, descriptor)
        os.execv(command[0], command)
    shown = b""
    for text in keys:
        seen = shown.count(b": ")
        while shown.count(b": ") <= seen:
            shown += os.read(ours, 4096)
        wait_until_hidden(theirs)
        os.write(ours, text.encode())
    _, status = os.waitpid(child, 0)
    after = termios.tcgetattr(theirs)
    os.close(theirs)
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"code": code, "shown": shown.decode(), "restored": before == after}))


def wait_until_hidden(terminal: int) -> None:
    """What is typed before the echo is off is thrown away."""
    deadline = time.monotonic() + 10
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        assert time.monotonic() < deadline, "the echo stays on"
        time.sleep(0.005)


main()
