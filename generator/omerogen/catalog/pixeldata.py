"""Pixel data: pyramids, tiles, projections and the memo files of Bio-Formats."""

from functools import partial

from omerogen.model.property import Property
from omerogen.values.base import STRING, Nullable
from omerogen.values.cron import CRON
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import PATH

_pixeldata = partial(Property, "Pixeldata")


PROPERTIES = (
    _pixeldata(
        "omero.pixeldata.backoff",
        STRING,
        "ome.io.nio.SimpleBackOff",
        "Class or bean that estimates how long, in milliseconds, users wait for an image to become viewable.",
    ),
    _pixeldata(
        "omero.pixeldata.backoff.default",
        INT,
        "1000",
        "Estimated wait, in milliseconds, for images too large to be estimated one by one.",
    ),
    _pixeldata(
        "omero.pixeldata.backoff.maxpixels",
        INT,
        "1000000",
        "Number of pixels in any dimension above which omero.pixeldata.backoff.default is the estimate.",
    ),
    _pixeldata(
        "omero.pixeldata.batch",
        INT,
        "50",
        "Number of images handled per run; pixelDataEventLogQueue takes no notice of it.",
    ),
    _pixeldata(
        "omero.pixeldata.cron",
        Nullable(CRON, ", optional (empty disables)"),
        "*/4 * * * * ?",
        (
            "Quartz cron expression for the runs of the pixeldata service, seconds first; empty turns "
            "the service off."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.dispose",
        BOOL,
        "true",
        "Whether byte buffers are released as soon as pixel data is disposed of; holds for a whole JVM.",
    ),
    _pixeldata(
        "omero.pixeldata.event_log_loader",
        STRING,
        "pixelDataEventLogQueue",
        (
            "Bean that finds new images to process: pixelDataEventLogQueue, or the older "
            "pixelDataPersistentEventLogLoader."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.max_plane_float_override",
        BOOL,
        "true",
        "Whether large floating-point images may do without pyramids, which are never made for them.",
    ),
    _pixeldata(
        "omero.pixeldata.max_plane_height",
        INT,
        "3192",
        (
            "Height of a plane, in pixels, above which a pyramid is made unless the file has resolution "
            "levels of its own."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.max_plane_width",
        INT,
        "3192",
        (
            "Width of a plane, in pixels, above which a pyramid is made unless the file has resolution "
            "levels of its own."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.max_projection_bytes",
        INT,
        "268435456",
        "Most data, in bytes, that the rendering engine projects on the fly.",
    ),
    _pixeldata(
        "omero.pixeldata.max_tile_length",
        INT,
        "1024",
        "Greatest width and height of a requested image tile, in pixels.",
        status="extra",
    ),
    _pixeldata(
        "omero.pixeldata.memoizer.dir",
        PATH,
        "${omero.data.dir}/BioFormatsCache",
        "Directory of the memo files in which Bio-Formats caches parsed metadata.",
    ),
    _pixeldata(
        "omero.pixeldata.memoizer.dir.local",
        Nullable(PATH),
        "",
        (
            "Writable local directory for memo files, for servers with a read-only binary repository; "
            "may be empty."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.memoizer_wait",
        INT,
        "0",
        "Parsing time, in milliseconds, above which a memo file is written.",
    ),
    _pixeldata(
        "omero.pixeldata.repetitions",
        INT,
        "1",
        (
            "How many processing rounds one run may make when much is waiting; pixelDataEventLogQueue "
            "takes no notice of it."
        ),
    ),
    _pixeldata(
        "omero.pixeldata.threads",
        INT,
        "2",
        "Number of pyramids made at the same time; should not exceed the number of CPU cores.",
    ),
    _pixeldata("omero.pixeldata.tile_height", INT, "256", "Default height of an image tile, in pixels."),
    _pixeldata(
        "omero.pixeldata.tile_sizes_bean",
        STRING,
        "configuredTileSizes",
        (
            "Bean that gives the default tile sizes; configuredTileSizes takes them from omero.pixeldata "
            "properties."
        ),
    ),
    _pixeldata("omero.pixeldata.tile_width", INT, "256", "Default width of an image tile, in pixels."),
)
