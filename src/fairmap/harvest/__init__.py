"""Others' descriptions in: catalogues and datasets in a published form, told as records of fairmap."""

from fairmap.harvest.forms import FORMS, Form, form
from fairmap.harvest.harvest import DROPPED, KEPT, Harvested, Leftover, harvest
from fairmap.harvest.provenance import HARVESTED, Source

__all__ = ["DROPPED", "FORMS", "HARVESTED", "KEPT", "Form", "Harvested", "Leftover", "Source", "form", "harvest"]
