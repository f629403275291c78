#!/bin/sh
# Installs the real OMERO.web and its plugins into the folder that is given, with the Python 3.10 it finds.
# Ice for Python compiles for several minutes, once: a folder that is complete is left as it is.
set -eu

FOLDER=${1:-.omero-web}
PLUGINS="omero-iviewer omero-figure omero-mapr omero-fpbioimage omero-parade omero-gallery omero-signup
    omero-forms omero-webtest omero-autotag omero-tagsearch django-cors-headers"

if [ -e "$FOLDER/complete" ]; then
    exit 0
fi
for PYTHON in python3.10 "$HOME"/.pyenv/versions/3.10.*/bin/python3.10; do
    if "$PYTHON" -c "" 2>/dev/null; then
        break
    fi
done
if ! "$PYTHON" -c "" 2>/dev/null; then
    echo "The real OMERO.web needs Python 3.10, which is not installed here (apt install python3.10, or pyenv)" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ] && ! command -v g++ >/dev/null; then
    apt-get install --yes --no-install-recommends build-essential libbz2-dev libssl-dev >/dev/null
fi
"$PYTHON" -m venv "$FOLDER"
PIP="$FOLDER/bin/python -m pip --disable-pip-version-check --quiet install"
$PIP "setuptools<70" wheel
$PIP --no-build-isolation zeroc-ice==3.6.5
$PIP omero-py==5.23.0 omero-web==5.33.2 gunicorn gevent
$PIP $PLUGINS
touch "$FOLDER/complete"
