"""The second line of defence: what a browser does with a page of nbgrader's, should something of a student's slip in.

Only the scripts of nbgrader's own templates run, by a nonce that is new for each page; nothing is asked of other
hosts but MathJax; and what a cell draws stays within the cell.
"""

import re

from jinja2 import pass_context
from jinja2.runtime import Context
from pygments.formatters import HtmlFormatter

_MATHJAX = "https://cdnjs.cloudflare.com"
_SCRIPT = re.compile(r"<(?=script)", re.IGNORECASE)

# MathJax evaluates its settings, hence unsafe-eval. The hashes are those of formgrader's two eye icons.
_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'unsafe-eval'; "
    "script-src-attr 'unsafe-hashes' 'sha256-oGUA7LtyEKDvlMppna1zdKjVAxPLpRV7YpX8dvx6PJo=' "
    "'sha256-7pj7EC95pL82C2/Ze44MC9cnRyAM/uAP2esJ0iv/l1w='; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"font-src 'self' {_MATHJAX}; connect-src 'self'; base-uri 'none'; form-action 'none'"
)

FORMGRADER = (
    f"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' {_MATHJAX}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"font-src 'self' {_MATHJAX}; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"
)
"""For all of formgrader's pages, lists and errors too; scripts in them are inline, without a nonce."""

SUBMITTED_FILE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""For a file that came with a submission, opened as a page of its own."""

# MathJax's own names for a formula without links, classes, ids, styles or further extensions.
_MATHJAX_SETTINGS = """<script type="text/x-mathjax-config">
MathJax.Hub.Config({Safe: {allow: {
  URLs: "none", classes: "none", cssIDs: "none", styles: "none", fontsize: "none", require: "none"}}});
</script>"""

_STYLE = f"""<style>
.text_cell_render, .input_area, .output_area, .nbgrader_cell > .panel-footer {{ contain: paint; overflow-x: auto; }}
.rendered_html td, .rendered_html th {{ padding: .2em .6em; border: 1px solid #ddd; }}
.rendered_html img {{ max-width: 100%; height: auto; }}
{HtmlFormatter().get_style_defs(".highlight")}
</style>"""


@pass_context
def guard_head(context: Context, head: str) -> str:
    """Put the policy before all else in the page's head, and trust the scripts that are there."""
    policy = _PAGE.format(nonce=context["resources"]["nonce"])
    first = f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n{_MATHJAX_SETTINGS}'
    head = head.replace("<head>", first, 1).replace("</head>", f"{_STYLE}\n</head>", 1)
    return trust_scripts(context, head)


@pass_context
def trust_scripts(context: Context, html: str) -> str:
    """Mark the scripts of a template. Those of a cell were taken away before: see `distrust_scripts`."""
    return html.replace("<script", f'<script nonce="{context["resources"]["nonce"]}"')


def distrust_scripts(html: str) -> str:
    """Make text of any script in a cell, so that `trust_scripts` cannot mark it."""
    return _SCRIPT.sub("&lt;", html)
