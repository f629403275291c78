"""A callback of Ansible that writes the result of each task as a line of JSON, for tests."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: aggregate
short_description: write results as lines of JSON
description: Into the file that $RESULTS names.
"""


class CallbackModule(CallbackBase):
    """Has the results as modules return them, before anything is displayed."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result, **_):
        one = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "result": json.loads(self._dump_results(result._result)),
        }
        with open(os.environ["RESULTS"], "a") as file:
            file.write(json.dumps(one) + "\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = _write
