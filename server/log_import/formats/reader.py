"""Which format a line has: each says so itself, so that a file may even hold several."""

from server.log_import.formats.cloudfront import FIELDS, field_names, read_cloudfront
from server.log_import.formats.combined import read_combined
from server.log_import.formats.json_lines import read_json
from server.log_import.line import BrokenLine, LogLine, UnknownForm

_JSON, _CLOUDFRONT, _COMBINED = "JSON", "CloudFront's format", "the combined format"
_MARK = b"\xef\xbb\xbf"  # of UTF-8, which editors put first


class LineReader:
    """Reads the lines of one file in their order; `cookie` is the name of the choice cookie."""

    def __init__(self, cookie: str) -> None:
        self._cookie = cookie
        self._names: tuple[str, ...] = ()
        self._before = ""

    def read(self, content: bytes | None) -> LogLine | None:
        """Return what a line says, or None for an empty one or a remark; raises `BrokenLine`.

        Without `content` the line is too long to be read.
        """
        if content is None:
            raise BrokenLine("It is longer than any that is read.")
        content = content.removeprefix(_MARK)
        if not content.strip():
            return None
        if content.startswith(b"#"):
            if content.startswith(FIELDS):
                self._names, self._before = field_names(content), _CLOUDFRONT
            return None
        line, self._before = self._read(content)
        return line

    def _read(self, content: bytes) -> tuple[LogLine, str]:
        """Return what a line says, and the name of its format."""
        if content.lstrip().startswith(b"{"):
            return read_json(content, self._cookie), _JSON
        if b"\x00" in content:
            raise BrokenLine("It holds bytes that no text has.")
        if self._names and b"\t" in content:
            return read_cloudfront(content, self._names), _CLOUDFRONT
        try:
            return read_combined(content), _COMBINED
        except UnknownForm as error:
            raise BrokenLine(self._unlike()) from error

    def _unlike(self) -> str:
        """Return what is wrong with a line that has no format: what those before it have."""
        if self._before:
            return f"It is no line of {self._before}, which the lines before it have."
        return f"It is no line of {_COMBINED}, of {_CLOUDFRONT} or of {_JSON}."
