"""What deploy/compose.yaml says, with the values of an environment file put in, as Docker Compose reads it."""

import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FILE = DEPLOY / "compose.yaml"
EXAMPLE = DEPLOY / "production.env.example"
OURS = "distchat"
"""The image of the services that are this project."""

VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


def document() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())


def services() -> dict[str, dict[str, Any]]:
    return document()["services"]


def ours() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services().items() if service["image"] == OURS}


def dotenv(text: str) -> dict[str, str]:
    """The assignments of an environment file in which nothing is quoted."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def environment_of(service: str, values: dict[str, str]) -> dict[str, str]:
    """What the program gets: the file, then what compose.yaml says itself."""
    said = services()[service]["environment"]
    return {**values, **{name: VARIABLE.sub(lambda found: values[found[1]], text) for name, text in said.items()}}


def command_of(service: str) -> list[str]:
    """The program and its words; what `run --rm manage` is given follows."""
    said = services()[service]
    return [*said.get("entrypoint", ()), *([] if "entrypoint" in said else said["command"])]
