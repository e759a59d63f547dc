"""What the script of the cluster page says, in the language of whoever looks."""


def words() -> dict[str, str]:
    return {}
