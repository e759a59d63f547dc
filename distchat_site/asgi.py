"""The application that Daphne serves: health, Django's pages, and the WebSocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # sets Django up: what follows needs it

from channels.routing import ProtocolTypeRouter

from chat.ops.daphne import follow_daphne
from chat.ops.door import OperationsDoor
from chat.routing import websocket_application

application = ProtocolTypeRouter({"http": OperationsDoor(django_application), "websocket": websocket_application})

follow_daphne()
