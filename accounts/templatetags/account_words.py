"""`{{ session.user_agent|browser }}`: what a browser calls itself, taken apart."""

from django import template

from accounts.user_agent import Browser, browser_of

register = template.Library()


@register.filter
def browser(user_agent: str) -> Browser:
    return browser_of(user_agent)
