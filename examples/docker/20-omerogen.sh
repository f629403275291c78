#!/bin/bash
# For /startup of OMERO's images: generate the configurations of this container, with its memory limit.
# If a property is wrong, the messages are in the log of the container, and the server does not start.
set -euo pipefail

site=${OMEROGEN_SITE:-/etc/omero/site.yaml}
out=${OMEROGEN_OUT:-/tmp/omerogen}
only=${OMEROGEN_ONLY:-django,gunicorn}

"${OMEROGEN:-/opt/omerogen/bin/omerogen}" build -c "$site" --env --only "$only" -o "$out"
