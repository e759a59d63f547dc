from pathlib import Path

from chat.assistant.graph import picture

PAGE = Path(__file__).parents[3] / "docs" / "assistant.md"


def test_the_picture_in_the_documents_is_that_of_the_program():
    assert f"```mermaid\n{picture()}\n```" in PAGE.read_text()
