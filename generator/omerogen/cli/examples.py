"""The examples at the end of each command's ``--help``."""

from __future__ import annotations

_EXAMPLES = """
omerogen build
omerogen build -c site.yaml -o /etc/omero --check
omerogen build --only nginx --reload "nginx -t && nginx -s reload"
omerogen check
omerogen check -c site.yaml --strict --with-consumers
eval "$(omerogen completion bash)"
eval "$(omerogen completion zsh)"
omerogen compare nginx /etc/nginx/conf.d/omero.conf
omerogen compare nginx /etc/nginx/conf.d/omero.conf -c site.yaml --adopt
omerogen compare django omeroweb.settings --python /opt/omero/web/venv3/bin/python
omerogen django
omerogen django --tls nginx --servername omero.example.org
omerogen explain omero.web.prefix
omerogen explain out/nginx/omero.conf:5
omerogen explain omero.db.host -c site.yaml --format json
omerogen icegrid
omerogen icegrid -c site.yaml -o /etc/omero/icegrid --diff
omerogen impact --set omero.web.prefix=/omero
omerogen impact -c site.yaml --set omero.db.host=db2.example.org --format json
omerogen init
omerogen init --omerodir /opt/omero/server/OMERO.server
omerogen init --schema
omerogen jdbc
omerogen jdbc -c site.yaml --format properties
omerogen jvm --explain
omerogen jvm --service blitz --format argfile
omerogen jvm --plot heaps.svg
omerogen nginx --servername omero.example.org
omerogen nginx --tls nginx --certificate omero.pem --certificate-key omero.key
omerogen nginx --layout location
omerogen properties --section Ports
omerogen properties 'omero.db.*' --format json
omerogen properties --release 5.6.3 --web-release 5.22.1
omerogen report
omerogen report -c site.yaml --tls nginx -o report.html
omerogen rewrite --templates OMERO.server/etc/templates -o OMERO.server/etc --diff
omerogen rewrite --templates OMERO.server/etc/templates -o OMERO.server/etc
omerogen upgrade --from 5.5.1 --to 5.6.10
omerogen upgrade --web-from 5.22.1 --web-to 5.33.2
omerogen upgrade --from 5.6.3 --to 5.6.10 --format omero
"""


def epilog(name: str) -> str:
    """Two or three command lines; a new command has the usual ones until it has its own."""
    own = [line for line in _EXAMPLES.split("\n") if f"omerogen {name} " in f"{line} "]
    return "\n  ".join(["examples:", *(own or (f"omerogen {name}", f"omerogen {name} -c site.yaml"))])
