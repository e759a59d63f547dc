"""The ASGI application of the tutorial's chat, without log-in."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.tutorial.settings"

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  Django has to be set up first
from django.urls import re_path  # noqa: E402

from benchmarks.peers.tutorial.consumers import ChatConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter([re_path(r"^ws/chat/(?P<room_name>\w+)/$", ChatConsumer.as_asgi())]),
    }
)
