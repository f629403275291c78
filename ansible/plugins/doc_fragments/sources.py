# Copyright: the omerogen project
# BSD-2-Clause (see https://spdx.org/licenses/BSD-2-Clause.html)
"""The documentation of the parameters that the modules and the lookup have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the properties come from."""

    DOCUMENTATION = r"""
options:
  config:
    description:
      - Sources of properties, as the option C(-c) of omerogen takes them; later ones override earlier ones.
      - A file C(config.xml), C(*.omero), C(*.properties), C(*.json) or C(*.yaml), a folder of C(*.omero) files, or
        C(FORMAT:FILE), on the host where omerogen runs.
      - Without a source, C($OMERODIR/etc/grid/config.xml) is read if it exists.
    type: list
    elements: str
    default: []
  key:
    description:
      - The members of YAML and JSON files of O(config) that have the properties, such as
        V(omero_server_config_set). V(omero_server) and V(omero_web) select all that these roles read.
    type: list
    elements: str
    default: []
  role_variables:
    description:
      - Variables of the public roles C(omero_server) and C(omero_web), as another source after O(config).
      - Those that make properties are C(omero_server_config_set), C(omero_server_dbhost),
        C(omero_server_dbuser), C(omero_server_dbname), C(omero_server_dbpassword), C(omero_server_datadir),
        C(omero_web_config_set), C(omero_web_apps_names), C(omero_web_apps_top_links),
        C(omero_web_apps_ui_metadata_panes), C(omero_web_apps_config_append) and C(omero_web_apps_config_set).
      - Values are neither logged nor shown.
    type: dict
    default: {}
  env:
    description:
      - Whether to read C(CONFIG_…) variables of the environment.
      - Ansible shows the keyword C(environment) of a task at high verbosity. Put secrets into O(properties).
    type: bool
    default: false
  properties:
    description:
      - Properties by their names. They override all other sources.
      - A string is used as it is, any other value becomes JSON.
      - Values are neither logged nor shown, and are not on a command line.
    type: dict
    default: {}
  site:
    description:
      - A site file, or C(FILE:NAME) for one of its sites. O(config) and O(role_variables) replace its sources.
      - Only the file that is named here is read, not C(omerogen.toml) of a working folder.
    type: path
  options:
    description:
      - Options of artifacts and sources by the names that they have in a site file, such as V(tls) or
        V(servername). Lists are for options that take several values, booleans for switches.
    type: dict
    default: {}
  executable:
    description:
      - The path of omerogen; by default it is found on the PATH.
    type: path
"""
