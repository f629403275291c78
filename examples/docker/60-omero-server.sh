#!/bin/bash
# For /startup of OMERO's server image: heaps that fit the memory limit of the container, as properties that
# the server itself reads; it rewrites all other flags of its JVMs at each start.
set -euo pipefail

site=${OMEROGEN_SITE:-/etc/omero/site.yaml}
heaps=$(mktemp)
trap 'rm -f "$heaps"' EXIT

"${OMEROGEN:-/opt/omerogen/bin/omerogen}" jvm -c "$site" --env --format omero > "$heaps"
"${OMERO:-/opt/omero/server/OMERO.server/bin/omero}" load "$heaps"
