"""The office's own process, set up for the database of a site: `python -m chat.proof.office`."""

import django


def main() -> None:
    django.setup()
    from chat.proof.office_work import serve

    serve()


if __name__ == "__main__":
    main()
