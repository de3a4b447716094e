"""The filters by which nbconvert's templates make HTML of a notebook's texts, in place of its own."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from mistune.plugins import import_plugin
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathBlockParser,
    MathInlineParser,
)
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from autograder.browser.clean import harmless, is_image

_LONGEST = 50_000
_IMAGES = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+")
_RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_LANGUAGES = {
    "bash", "c", "c++", "cpp", "ipython", "ipython3", "java", "javascript", "js", "json", "julia",
    "octave", "py", "pycon", "python", "python3", "r", "scala", "sh", "sql",
}  # fmt: skip


@pass_context
def markdown_to_html(context: Context, source: str) -> str:
    """Render the Markdown of a cell, an output or a comment."""
    cell = context.get("cell")
    attachments = cell.get("attachments", {}) if isinstance(cell, Mapping) else {}
    return render_markdown(source, attachments)


def render_markdown(source: str, attachments: Mapping[str, Any]) -> str:
    """Render Markdown; formulas stay as typed, for MathJax. A text longer than any answer is shown as typed."""
    if len(_IMAGES.sub("", source)) > _LONGEST:
        return f"<pre>{escape(source)}</pre>"
    plugins = [import_plugin(name) for name in ("strikethrough", "table", "def_list")]
    render = MarkdownWithMath(_Renderer(attachments), _BlockParser(), _InlineParser(), plugins)
    return harmless(render.render(source))


def clean_html(html: str | bytes) -> str:
    """Clean the HTML of an output or a raw cell."""
    return harmless(html.decode(errors="replace") if isinstance(html, bytes) else str(html))


@pass_context
def highlight_code(context: Context, source: str, metadata: Any = None) -> str:
    """Colour code. Not by nbconvert's filter, which makes a class of whatever the notebook calls its language."""
    language = context["nb"].metadata.get("language_info", {}).get("name", "ipython3")
    language = (metadata or {}).get("magics_language", language)
    return _highlighted(source, "ipython3" if language == "python" else language)


def unchanged(text: str) -> str:
    """Take the place of a filter that strips `files/` off addresses after they have been cleaned."""
    return text


def _highlighted(code: str, language: str) -> str:
    # Few languages: the lexers of some are slow on a text that is made to be.
    name = language.lower()
    lexer = get_lexer_by_name(name if name in _LANGUAGES else "text", stripnl=False)
    return str(highlight(code or " ", lexer, HtmlFormatter()))


def _bounded(rules: Mapping[str, str]) -> dict[str, str]:
    """Limit the length of formulas, since a search for their end from each beginning is quadratic."""
    return {
        name: rule.replace(".*?", ".{0,2000}?").replace(".+?", ".{1,2000}?") if "math" in rule else rule
        for name, rule in rules.items()
    }


class _BlockParser(MathBlockParser):
    SPECIFICATION = _bounded(MathBlockParser.SPECIFICATION)


class _InlineParser(MathInlineParser):
    SPECIFICATION = _bounded(MathInlineParser.SPECIFICATION)

    def __init__(self) -> None:
        super().__init__(hard_wrap=False)


class _Renderer(IPythonRenderer):
    """Renders what has no safe form of its own as text: links, and images from elsewhere."""

    def __init__(self, attachments: Mapping[str, Any]) -> None:
        super().__init__(escape=False)
        self.attachments = attachments

    def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002  # mistune's signature
        """Say where a link leads: one click could lead to a page of our own server that does something."""
        address = escape(url)
        return f"{text} ({address})" if url.startswith(("http://", "https://")) and address != text else text

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002  # mistune's signature
        """Show an image of the notebook's own, or say what is missing."""
        source = self._attached(url) if url.startswith("attachment:") else url
        if is_image(source):
            return f'<img src="{escape(source)}" alt="{escape(text)}">'
        return f"[image not shown: {escape(text)} {escape(url)}]"

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002  # mistune's signature
        """Leave out nbconvert's anchors: their ids are the student's."""
        return f"<h{level}>{text}</h{level}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        """Colour a block of code."""
        return _highlighted(code, (info or "text").split(maxsplit=1)[0] if (info or "").strip() else "text")

    def _attached(self, url: str) -> str:
        versions = self.attachments.get(url.removeprefix("attachment:"), {})
        return next((f"data:{kind};base64,{versions[kind]}" for kind in _RASTERS if kind in versions), url)
