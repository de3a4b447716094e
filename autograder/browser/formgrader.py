"""The part of formgrader that no setting of nbgrader's reaches: its pages outside of the exporter.

nbgrader renders its lists without escaping, sends no content policy, and keeps the exporter of the course
in which the server was started. Three methods of its base handler are replaced.
"""

import copy
import re
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.handlers import SubmissionFilesHandler

from autograder.browser import policy
from autograder.configure import make_pages_harmless

_IDENTIFIERS = ("student_id", "assignment_id", "notebook_id", "url_prefix")
_SPECIAL = re.compile(r"[\x00-\x1f\x7f\"'<>&\\]")
_EXPORTER = "autograder_exporter"


def protect() -> None:
    """Make formgrader's pages in this process harmless, for every course that it opens. May be called again."""
    BaseHandler.render = _render
    BaseHandler.exporter = property(_exporter)
    BaseHandler.content_security_policy = property(_page_policy)
    SubmissionFilesHandler.content_security_policy = property(_file_policy)


def _render(handler: Any, name: str, **values: Any) -> str:
    """Render a template with escaping. Identifiers stand in HTML, in addresses and in scripts at once."""
    identifiers = {key: _encoded(values[key]) for key in _IDENTIFIERS if key in values}
    environment = handler.settings["nbgrader_jinja2_env"].overlay(autoescape=True)
    return str(environment.get_template(name).render(**{**values, **identifiers}))


def _encoded(identifier: str) -> str:
    return _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", identifier)


def _exporter(handler: Any) -> Any:
    """Give an exporter with the kit's settings, also where the server was started outside of the course."""
    settings = handler.settings
    if _EXPORTER not in settings:
        config = copy.deepcopy(settings["nbgrader_formgrader"].config)
        make_pages_harmless(config)
        settings[_EXPORTER] = HTMLExporter(config=config)
    return settings[_EXPORTER]


def _page_policy(handler: Any) -> str:
    return f"{_server_policy(handler)}; {policy.FORMGRADER}"


def _file_policy(handler: Any) -> str:
    return f"{_server_policy(handler)}; {policy.SUBMITTED_FILE}"


def _server_policy(handler: Any) -> str:
    return str(JupyterHandler.content_security_policy.fget(handler))
