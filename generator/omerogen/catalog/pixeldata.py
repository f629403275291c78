"""Pixel data: pyramids, tiles, projections and the memo files of Bio-Formats."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Nullable
from omerogen.values.cron import CRON
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import PATH

_pixeldata = Section("Pixeldata")

PIXELDATA_BACKOFF = _pixeldata("omero.pixeldata.backoff", STRING, "ome.io.nio.SimpleBackOff").described(
    "Class or bean that estimates how long, in milliseconds, users wait for an image to become viewable."
)
PIXELDATA_BACKOFF_DEFAULT = _pixeldata("omero.pixeldata.backoff.default", INT, "1000").described(
    "Estimated wait, in milliseconds, for images too large to be estimated one by one."
)
PIXELDATA_BACKOFF_MAXPIXELS = _pixeldata("omero.pixeldata.backoff.maxpixels", INT, "1000000").described(
    "Number of pixels in any dimension above which omero.pixeldata.backoff.default is the estimate."
)
PIXELDATA_BATCH = _pixeldata("omero.pixeldata.batch", INT, "50").described(
    "Number of images handled per run; pixelDataEventLogQueue ignores it."
)
PIXELDATA_CRON = _pixeldata(
    "omero.pixeldata.cron", Nullable(CRON, ", optional (empty disables)"), "*/4 * * * * ?"
).described(
    "Quartz cron expression for the runs of the pixeldata service, seconds first; empty turns "
    "the service off."
)
PIXELDATA_DISPOSE = _pixeldata("omero.pixeldata.dispose", BOOL, "true").described(
    "Whether byte buffers are released as soon as pixel data is disposed of; holds for a whole JVM."
)
PIXELDATA_EVENT_LOG_LOADER = _pixeldata(
    "omero.pixeldata.event_log_loader", STRING, "pixelDataEventLogQueue"
).described(
    "Bean that finds new images to process: pixelDataEventLogQueue, or the older "
    "pixelDataPersistentEventLogLoader."
)
PIXELDATA_MAX_PLANE_FLOAT_OVERRIDE = _pixeldata(
    "omero.pixeldata.max_plane_float_override", BOOL, "true"
).described("Whether large floating-point images may do without pyramids, which are never made for them.")
PIXELDATA_MAX_PLANE_HEIGHT = _pixeldata("omero.pixeldata.max_plane_height", INT, "3192").described(
    "Height of a plane, in pixels, above which a pyramid is made unless the file has resolution "
    "levels of its own."
)
PIXELDATA_MAX_PLANE_WIDTH = _pixeldata("omero.pixeldata.max_plane_width", INT, "3192").described(
    "Width of a plane, in pixels, above which a pyramid is made unless the file has resolution "
    "levels of its own."
)
PIXELDATA_MAX_PROJECTION_BYTES = _pixeldata(
    "omero.pixeldata.max_projection_bytes", INT, "268435456"
).described("Most data, in bytes, that the rendering engine projects on the fly.")
PIXELDATA_MAX_TILE_LENGTH = _pixeldata(
    "omero.pixeldata.max_tile_length", INT, "1024", status="extra"
).described("Greatest width and height of a requested image tile, in pixels.")
PIXELDATA_MEMOIZER_DIR = _pixeldata(
    "omero.pixeldata.memoizer.dir", PATH, "${omero.data.dir}/BioFormatsCache"
).described("Directory of the memo files in which Bio-Formats caches parsed metadata.")
PIXELDATA_MEMOIZER_DIR_LOCAL = _pixeldata("omero.pixeldata.memoizer.dir.local", Nullable(PATH), "").described(
    "Writable local directory for memo files, for servers with a read-only binary repository; may be empty."
)
PIXELDATA_MEMOIZER_WAIT = _pixeldata("omero.pixeldata.memoizer_wait", INT, "0").described(
    "Parsing time, in milliseconds, above which a memo file is written."
)
PIXELDATA_REPETITIONS = _pixeldata("omero.pixeldata.repetitions", INT, "1").described(
    "How many processing rounds one run may make when much is waiting; pixelDataEventLogQueue ignores it."
)
PIXELDATA_THREADS = _pixeldata("omero.pixeldata.threads", INT, "2").described(
    "Number of pyramids made at the same time; should not exceed the number of CPU cores."
)
PIXELDATA_TILE_HEIGHT = _pixeldata("omero.pixeldata.tile_height", INT, "256").described(
    "Default height of an image tile, in pixels."
)
PIXELDATA_TILE_SIZES_BEAN = _pixeldata(
    "omero.pixeldata.tile_sizes_bean", STRING, "configuredTileSizes"
).described(
    "Bean that gives the default tile sizes; configuredTileSizes takes them from omero.pixeldata properties."
)
PIXELDATA_TILE_WIDTH = _pixeldata("omero.pixeldata.tile_width", INT, "256").described(
    "Default width of an image tile, in pixels."
)
