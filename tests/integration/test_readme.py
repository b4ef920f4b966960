"""The example in each README is what the command prints today, but for the day the boundaries were loaded."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest
import sqlalchemy as sa

from layers.settings import CHECKOUT

EXAMPLE = re.compile(
    r"^    (\.venv/bin/shanhe check .*?)\n\n<!-- example -->\n\n```text\n(.*?)\n```", re.MULTILINE | re.DOTALL
)
DAY = re.compile(r"\d{4}-\d\d-\d\d(?=[)）])")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_example_is_what_comes_out(name: str, bundled_db: sa.Engine) -> None:
    found = EXAMPLE.search((CHECKOUT / name).read_text(encoding="utf-8"))
    assert found is not None
    command, block = found.groups()
    words = shlex.split(command.replace("\\\n", " "))[1:]
    url = bundled_db.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())", *words],
        cwd=CHECKOUT,
        env={**os.environ, "SHANHE_DATABASE_URL": url, "COLUMNS": "110", "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert DAY.sub("DAY", done.stdout).startswith(DAY.sub("DAY", block))
