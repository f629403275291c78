"""The full-text search index and the indexer that fills it."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Choice, Nullable
from omerogen.values.cron import CRON
from omerogen.values.lists import WORDS
from omerogen.values.numbers import INT

_search = Section("Search")

SEARCH_ANALYZER = _search(
    "omero.search.analyzer", STRING, "ome.services.fulltext.FullTextAnalyzer"
).described("Lucene analyzer class, for building the index and for reading queries.")
SEARCH_BATCH = _search("omero.search.batch", INT, "5000").described(
    "Number of events indexed in one batch. More is faster but takes more memory."
)
SEARCH_BRIDGES = _search("omero.search.bridges", Nullable(WORDS), "").described(
    "Extra bridge classes that draw more searchable text out of the data; empty adds none."
)
SEARCH_CRON = _search(
    "omero.search.cron", Nullable(CRON, ", optional (empty disables)"), "*/2 * * * * ?"
).described("Quartz cron expression for the runs of the indexer, seconds first; empty turns indexing off.")
SEARCH_EVENT_LOG_LOADER = _search("omero.search.event_log_loader", STRING, "eventLogQueue").described(
    "Bean that finds the events to index."
)
SEARCH_EXCLUDES = _search(
    "omero.search.excludes",
    WORDS,
    (
        "ome.model.annotations.ChannelAnnotationLink,ome.model.core.Channel,ome.model.core.PlaneInfo,"
        "ome.model.core.PixelsOriginalFileMap,ome.model.containers.DatasetImageLink,"
        "ome.model.containers.ProjectDatasetLink,ome.model.containers.CategoryGroupCategoryLink,"
        "ome.model.containers.CategoryImageLink,ome.model.display.ChannelBinding,"
        "ome.model.display.QuantumDef,ome.model.display.Thumbnail,ome.model.meta.Share,"
        "ome.model.meta.Event,ome.model.meta.EventLog,ome.model.meta.GroupExperimenterMap,"
        "ome.model.meta.Node,ome.model.meta.Session,ome.model.annotations.RoiAnnotationLink,"
        "ome.model.roi.Roi,ome.model.roi.Shape,ome.model.roi.Text,ome.model.roi.Rectangle,"
        "ome.model.roi.Mask,ome.model.roi.Ellipse,ome.model.roi.Point,ome.model.roi.Path,"
        "ome.model.roi.Polygon,ome.model.roi.Polyline,ome.model.roi.Line,"
        "ome.model.screen.ScreenAcquisitionWellSampleLink,ome.model.screen.ScreenPlateLink,"
        "ome.model.screen.WellReagentLink,ome.model.stats.StatsInfo"
    ),
).described("Object types whose events the indexer skips.")
SEARCH_INCLUDE_ACTIONS = _search(
    "omero.search.include_actions", WORDS, "INSERT,UPDATE,REINDEX,DELETE"
).described("Kinds of events that are indexed; needs a change only with custom code.")
SEARCH_INCLUDE_TYPES = _search(
    "omero.search.include_types",
    WORDS,
    (
        "ome.model.core.Image,ome.model.containers.Project,ome.model.containers.Dataset,"
        "ome.model.screen.Plate,ome.model.screen.Screen,ome.model.screen.PlateAcquisition,"
        "ome.model.screen.Well"
    ),
).described("Object types that are indexed; all others are passed over.")
SEARCH_LOCKING_STRATEGY = _search(
    "omero.search.locking_strategy", Choice("native", "simple", "none"), "native"
).described("How Lucene locks its index: native, simple or none.")
SEARCH_MAX_FILE_SIZE = _search("omero.search.max_file_size", INT, "131072000").described(
    "Largest attached file whose text is indexed, in bytes. Keep it below half of the indexer's heap."
)
SEARCH_MAX_FILESET_SIZE = _search("omero.search.max_fileset_size", INT, "10").described(
    "Limit on the size of a fileset for the indexer."
)
SEARCH_MAX_PARTITION_SIZE = _search("omero.search.max_partition_size", INT, "1000000").described(
    "Number of objects in one indexing window, at about 100 bytes of memory each. More avoids "
    "indexing an object twice."
)
SEARCH_MERGE_FACTOR = _search("omero.search.merge_factor", INT, "25").described(
    "Lucene's merge factor: how many index segments pile up before they are merged."
)
SEARCH_RAM_BUFFER_SIZE = _search("omero.search.ram_buffer_size", INT, "64").described(
    "Memory that Lucene fills before it writes index changes to disk, in MB."
)
SEARCH_REPETITIONS = _search("omero.search.repetitions", INT, "1").described(
    "How many indexing rounds one run may make when much is waiting."
)
SEARCH_REPORTING_LOOPS = _search("omero.search.reporting_loops", INT, "100").described(
    "Number of loops between two progress reports, which are costly to compute."
)
