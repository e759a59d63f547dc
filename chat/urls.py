"""The addresses of the chat's page: the list, a conversation, and a message in it."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.app, name="home"),
    path("c/<int:conversation>/", views.app, name="conversation"),
    path("c/<int:conversation>/<int:seq>/", views.app, name="message"),
]
