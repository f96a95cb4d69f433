"""What the app serves."""

TOOLS = (
    "/",
    "/search",
    "/search?q=brain&access=open&page=1",
    "/search?q=zebra",
    "/compare",
    "/compare?record=repository/tcia&record=repository/ria&only=differences",
    "/map",
    "/fair",
    "/sparql",
    "/validate",
    "/register",
)
"""Pages that are not about one thing, so that there is no RDF of it."""
THINGS = (
    "/repository/tcia",
    "/dataset/tcia-imaging",
    "/agent/nci",
    "/criterion/d31-F1",
    "/source/d31",
    "/catalog/imaging-health-data-map",
    "/concept/modality",
    "/concept/modality/mri",
    "/vocabulary/radlex",
    "/vocabulary/eu",
    "/ns",
    "/shapes",
    "/shapes/Dataset",
)
PAGES = (*TOOLS, *THINGS)
PATHS = (
    "/",
    "/sparql",
    "/repository/tcia",
    "/source/d31",
    "/concept/modality",
    "/concept/modality/mri",
    "/vocabulary/radlex",
    "/ns",
)
SHIPPED = ("/shapes", "/shapes/Dataset", "/context.jsonld")
