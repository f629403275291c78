#!/bin/bash
# Entry point in front of that of a stock image of OMERO, which is its argument:
#
#   ENTRYPOINT ["/usr/local/bin/omerogen-entrypoint.sh", "/usr/local/bin/entrypoint.sh"]
#
# It reads the .omero files of $OMEROGEN_CONFIG and the CONFIG_… variables, as the image does. If a property is
# wrong, it prints the reason and exits with status 2. Otherwise it writes 90-omerogen.omero into that folder,
# which the image loads with the others, and starts its argument. The file holds
#   - the secrets: each file of /run/secrets named after a property, such as omero.db.pass, is its value;
#   - the heap sizes that fit the memory of this container, unless the folder is that of a web image, */web/config.
set -euo pipefail

omerogen=${OMEROGEN:-/opt/omerogen/bin/omerogen}
config=${OMEROGEN_CONFIG:-/opt/omero/server/config}
secrets=${OMEROGEN_SECRETS:-/run/secrets}
generated=$config/90-omerogen.omero
sources=(-c "$config" --env)

# A new file: what an earlier start wrote would count as set by the site, and its heaps were for the memory of then.
# Its owner alone can read it. OMERO starts with the umask of the image: nginx has to read its static files.
(umask 077 && rm -f "$generated" && : > "$generated")

{
    echo "# Written at each start by omerogen-entrypoint.sh."
    for file in "$secrets"/omero.*; do
        [ -f "$file" ] || continue
        [ -r "$file" ] || { echo "$file: cannot be read (let uid $(id -u) read it)" >&2; exit 2; }
        value=$(cat "$file")
        value=${value%$'\r'} # of a file from Windows
        if [ -z "$value" ]; then
            echo "$file: is empty (put the secret into the file)" >&2
            exit 2
        fi
        if [[ $value == *$'\n'* ]]; then
            echo "$file: has more than one line (a property has one)" >&2
            exit 2
        fi
        printf "config set -- %s '%s'\n" "${file##*/}" "${value//\'/\'\\\'\'}"
    done
} > "$generated"

# omerogen would read these files, and OMERO takes the text as it is.
while IFS='=' read -r name value; do
    if [[ $name == CONFIG_omero_* && $value == file:/* ]]; then
        echo "\$$name: OMERO does not read the file (mount it as $secrets/NAME of the property)" >&2
        exit 2
    fi
done < <(env)

# All properties, also those that only OMERO reads.
"$omerogen" check "${sources[@]}" --select invalid-value >&2 || {
    echo "omerogen-entrypoint.sh: OMERO is not started (correct the properties above)" >&2
    exit 2
}

case $config in
    */web/config) ;;
    *)
        heaps=$("$omerogen" jvm "${sources[@]}" --format omero)
        printf '%s\n' "$heaps" >> "$generated"
        ;;
esac

exec "$@"
