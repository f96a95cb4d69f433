"""The running service: a writer process, its view process, web processes, and the control socket beside them."""

from fairmap.service.control import ControlClient, running
from fairmap.service.places import Places, places
from fairmap.service.supervise import supervise
from fairmap.service.views import view_of

__all__ = ["ControlClient", "Places", "places", "running", "supervise", "view_of"]
