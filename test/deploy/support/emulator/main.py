"""Starts MiniStack with what this project needs of AWS and MiniStack 1.5.33 does not have. It ends with its parent."""

import os
import sys
import threading

import capacity_providers
import ecs_rights
import ecs_tasks
import rights
from ministack import app


def end_with_parent():
    """When the parent dies, however it does, the pipe to our standard input closes."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    capacity_providers.add()
    ecs_tasks.add()
    ecs_rights.correct()
    rights.correct()
    threading.Thread(target=end_with_parent, daemon=True).start()
    app.main()
