"""The office's own process, set up for the database of a site: `python -m tests.integration.office`."""

import django


def main() -> None:
    django.setup()
    from tests.integration.office_work import serve

    serve()


if __name__ == "__main__":
    main()
