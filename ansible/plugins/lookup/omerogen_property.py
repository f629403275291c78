# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""Looks up values of properties of an OMERO server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: omerogen_property
short_description: Look up values of properties of an OMERO server
version_added: 0.1.0
description:
  - Returns the value of each property as omerogen derives it from its sources and defaults, with C(${name}) replaced.
  - omerogen runs on the controller, and reads files of the controller.
author:
  - The omerogen project (@omerogen)
options:
  _terms:
    description: The names of the properties.
    type: list
    elements: str
    required: true
  show_secrets:
    description:
      - Whether to return passwords and other secrets, too. Otherwise they are an error.
      - Set C(no_log) for a task that uses one.
    type: bool
    default: false
extends_documentation_fragment:
  - omerogen.omero.sources
"""

EXAMPLES = r"""
- name: Show the path below which OMERO.web is served
  ansible.builtin.debug:
    msg: "{{ lookup('omerogen.omero.omerogen_property', 'omero.web.prefix', properties=omero_web_config_set) }}"

- name: Open the ports of the server
  ansible.posix.firewalld:
    port: "{{ item }}/tcp"
    state: enabled
  loop: "{{ query('omerogen.omero.omerogen_property', 'omero.ports.tcp', 'omero.ports.ssl', config=['site.yaml']) }}"
"""

RETURN = r"""
_raw:
  description: The text of each value; none for a property that is not set and has no default.
  type: list
  elements: str
"""

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.omerogen.omero.plugins.module_utils.omerogen import (
    SOURCES,
    Omerogen,
    OmerogenError,
)


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms, variables=None, **kwargs):
        """Return the value of each property; `AnsibleLookupError` for a wrong one, or a secret."""
        self.set_options(var_options=variables, direct=kwargs)
        params = {name: self.get_option(name) for name in SOURCES}
        show_secrets = self.get_option("show_secrets")
        try:
            omerogen = Omerogen(params["executable"])
            return [_value(omerogen, params, str(term), show_secrets) for term in terms]
        except OmerogenError as error:
            raise AnsibleLookupError(str(error)) from None


def _value(omerogen, params, name, show_secrets):
    arguments = ["--show-secrets"] if show_secrets else []
    found = omerogen.json("explain", params, [*arguments, "--", name])[1]
    if isinstance(found, list):
        raise OmerogenError("%s: is a pattern (name one property)" % name)
    if found["unreadable"]:
        raise OmerogenError(found["unreadable"])
    if found["secret"] and found["value"] and not show_secrets:
        raise OmerogenError("%s: is a secret (add show_secrets=true, and no_log to the task)" % name)
    return found["value"]
