"""What a student may try against the person who reads the answer. Each attempt has a name, its canary.

`canary('name')` is a function of the test's browser; LOAD is the address of a listener; a covering element has its
name as its title.
"""

from typing import Any

WRITTEN_FILE = "written-by-a-student.txt"

SCRIPTS = {
    "script": "<script>canary('script')</script>",
    "onerror": '<img src="x" onerror="canary(\'onerror\')">',
    "svg": "<svg onload=\"canary('svg')\"></svg>",
    "svg-script": "<svg><script>canary('svg-script')</script></svg>",
    "mathml": "<math><mtext><img src='x' onerror='canary(\"mathml\")'></mtext></math>",
    "ontoggle": "<details open ontoggle=canary('ontoggle')><summary>a</summary>b</details>",
    "onfocus": "<input onfocus='canary(\"onfocus\")' autofocus>",
    "onpageshow": "<body onpageshow=canary('onpageshow')>",
    "srcdoc": "<iframe srcdoc=\"<script>parent.canary('srcdoc')</script>\"></iframe>",
    "data-frame": "<iframe src=\"data:text/html,<script>canary('data-frame')</script>\"></iframe>",
    "link": "[read me](javascript:canary('link'))",
    "autolink": "<javascript:canary('autolink')>",
    "html-link": "<a href=\"java&#10;script:canary('html-link')\">read me</a>",
    "files-link": "[read me](files/javascript:canary('files-link'))",
    "mermaid": "```mermaid\n<img src=x onerror=canary('mermaid')>\n```",
    "code-language": "```<img/src=x/onerror=canary('code-language')>\nx\n```",
    "heading": "# a <img src='x' onerror='canary(\"heading\")'>",
    "formula": "$x <img src=x onerror=canary('formula')> y$ and $$<script>canary('formula')</script>$$",
    "comment": "<!-- --!><img src=x onerror=canary('comment')> -->",
    "noscript": "<noscript><p title=\"</noscript><img src=x onerror=canary('noscript')>\"></noscript>",
    "write": f"""<script>
fetch('/api/contents/{WRITTEN_FILE}', {{method: 'PUT', body: JSON.stringify({{type: 'file', format: 'text', content: ''}}),
  headers: {{'X-XSRFToken': (document.cookie.match(/\\b_xsrf=([^;]*)\\b/) || [])[1]}}}}).then(answer => canary(answer.ok ? 'write' : 'not written: ' + answer.status))
</script>""",
}

LOADS = {
    "image": "![a](LOAD/image)",
    "html-image": "<img src=LOAD/html-image>",
    "srcset": '<img srcset="LOAD/srcset 1x">',
    "stylesheet": "<link rel=stylesheet href=LOAD/stylesheet>",
    "import": "<style>@import 'LOAD/import';</style>",
    "background": '<p style="background: url(LOAD/background)">a</p>',
    "covering-style": "<style>main::after, body::after {content: ''; position: fixed; inset: 0; z-index: 9999; "
    "background: url(LOAD/covering-style)} .score {display: none}</style>",
    "frame": "<iframe src=LOAD/frame></iframe>",
    "object": "<object data=LOAD/object></object>",
    "embed": "<embed src=LOAD/embed>",
    "poster": "<video poster=LOAD/poster></video>",
    "audio": "<audio src=LOAD/audio autoplay></audio>",
    "input": "<input type=image src=LOAD/input>",
    "svg-image": "<svg><image href=LOAD/svg-image></image></svg>",
    "own-server": "![a](/formgrader/manage_students/own-server)",
}

COVERS = {
    "cover-style": '<div title="cover-style" style="position: fixed; inset: 0; z-index: 9999">a</div>',
    "cover-class": '<div title="cover-class" class="modal-backdrop">a</div>',
}

CLOBBERS = '<input id=answer class=score value=4> <img name=MathJax id=formgrader> <form id=notebook action="LOAD/form">'

LEAVES = '<meta http-equiv=refresh content="0; url=LOAD/refresh">\n<base href=LOAD/base/ target=_top>'

HARMLESS_IN_STOCK = {"code-language", "formula", "noscript"}
"""Tried all the same: it is an accident that they do not succeed there."""

NEVER = (
    ":is(#notebook, main) :is(script, style, link, meta, base, iframe, object, embed, form, svg, math, video, audio, "
    "a[href^='http'], a[href*='script'], .modal-backdrop, [title^=cover], :not(a)[name], [src^='data:image/svg'])"
)
"""What a student must not get onto a page."""

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FORMULAS = [
    "$w_1 * x_1 * y_1 < b$",
    "$$\\sum_{i} w_i x_i\\\\ \\{a\\}$$",
    "\\begin{align}a_1&<b_1\\end{align}",
]
LOOKS = [
    "h2",
    "ul > li > strong",
    "td[style]",
    "blockquote",
    "p > code",
    "sub",
    "td:text-is('0.5')",
    ".highlight",
]
INNOCENT = "\n\n".join(
    [
        "## A heading",
        "- a **bold** point",
        "| a | b |\n|:-:|---|\n| 1 | `2` |",
        "> said",
        "H<sub>2</sub>O and `code`",
        *FORMULAS,
        "```python\ndef f(x):\n    return x\n```",
        "![a dot](attachment:dot.png)",
        '<img src="data:image/png;base64,PIXEL" alt="a dot">',
        "An answer that [names the source](https://example.org/a)",
    ]
).replace("PIXEL", PIXEL)

CODE = """from IPython.display import HTML, Javascript, Markdown, display
display(HTML("<script>canary('own-html')</script>"), Javascript("canary('own-js')"))
display(Markdown("<img src='x' onerror='canary(1)'>"))
print("<script>canary('own-stream')</script>")
raise ValueError("<script>canary('own-error')</script>")
"""

NAME = "<img src=x onerror=canary('{}')>"
STUDENT_ID = "<img src=x onerror=canary('id')>"
COMMENT = "Well **said** <script>canary('said')</script>"


REPORT = "<body><script>parent.canary('report')</script></body>"


def markdown() -> str:
    """Give an answer with all attempts, whose own text is quite right."""
    return "\n\n".join(
        [*SCRIPTS.values(), *LOADS.values(), *COVERS.values(), CLOBBERS, "All **right** so far."]
    )


SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' onload='canary(\"picture\")'><image href='LOAD/picture'/></svg>"
)
WIDGET = "application/vnd.jupyter.widget-view+json"

OUTPUTS: dict[str, dict[str, Any]] = {
    "out-html": {"text/html": "<script>canary('out-html')</script>"},
    "out-markdown": {"text/markdown": "<img src='x' onerror='canary(\"out-markdown\")'>"},
    "out-js": {"application/javascript": "canary('out-js')", "text/plain": "a JavaScript object"},
    "out-svg": {"image/svg+xml": SVG},
    "out-latex": {
        "text/latex": "$\\href{javascript:canary('out-latex')}{x}$<img src=x onerror=canary('out-latex')>"
    },
    "out-text": {"text/plain": "<img src=x onerror=canary('out-text')>"},
    "out-widget": {
        WIDGET: {"model_id": "</script><img src=x onerror=canary('out-widget')>", "version_major": 2}
    },
    "out-other": {"application/vnd.other+json": {"<img src=x onerror=canary('out-other')>": 1}},
}

SIZES: dict[str, dict[str, Any]] = {
    "out-width": {"image/png": {"width": "1 onerror=canary('out-width')"}},
    "out-filename": {"filenames": {"image/png": "LOAD/out-filename"}},
}


def outputs() -> list[dict[str, Any]]:
    """Give the outputs of a cell that ran without the kit."""
    frame = {"text/html": "<script>canary('out-isolated')</script>"}
    error = "<img src=x onerror=canary('out-error')>"
    return [
        *(_shown(data, {}) for data in OUTPUTS.values()),
        *(_shown({"image/png": "AAAA"}, metadata) for metadata in SIZES.values()),
        _shown(frame, {"text/html": {"isolated": True}}),
        {
            "output_type": "stream",
            "name": "stdout",
            "text": "\x1b[31m<img src=x onerror=canary('out-stream')>\x1b[0m",
        },
        {"output_type": "error", "ename": error, "evalue": error, "traceback": [f"\x1b[1m{error}", error]},
    ]


def _shown(data: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}
