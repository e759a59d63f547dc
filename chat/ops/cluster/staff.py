"""Who may look at the cluster: asked when the page is opened, when its socket is, and again while it is open."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.access import Access, still_allowed
from accounts.admin_site import SECOND_FACTORS
from accounts.models import User

VIEW = "chat.view_clusternode"
CHANGE = "chat.change_clusternode"
ANNOUNCE = "chat.announce_clusternode"


def allowed(accesses: Collection[Access]) -> set[Access]:
    """Those of `accesses` that still hold, of staff with VIEW and, where it is required, a second factor."""
    held = still_allowed(accesses)
    users = User.objects.filter(pk__in={access.user_id for access in held}, is_active=True, is_staff=True)
    may_look = {user.pk for user in users if user.has_perm(VIEW)}
    if settings.ADMIN_REQUIRES_SECOND_FACTOR:
        factors = Authenticator.objects.filter(user__in=may_look, type__in=SECOND_FACTORS)
        may_look &= set(factors.values_list("user_id", flat=True))
    return {access for access in held if access.user_id in may_look}
