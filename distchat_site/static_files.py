"""Static files as they are served: named after their content, so that browsers keep them for ever, and compressed."""

from servestatic.storage import CompressedManifestStaticFilesStorage

DEEPEST_IMPORTS = 40


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Imports between JavaScript modules use the new names, too; until anything is collected, names stay."""

    support_js_module_import_aggregation = True
    max_post_process_passes = DEEPEST_IMPORTS
    """A file's name depends on the names of what it imports, so each level takes a pass."""

    def url(self, name: str | None, force: bool = False) -> str:  # noqa: FBT001, FBT002 - Django's signature
        url: str = super().url(name, force=force or bool(self.hashed_files))
        return url

    def stored_name(self, name: str) -> str:
        stored: str = super().stored_name(name) if self.hashed_files else name
        return stored
