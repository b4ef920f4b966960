"""Whatever a request that the OpenAPI document allows, or nearly allows, holds: the service never fails (no 5xx).

A few examples of each operation here; `SHANHE_HYPOTHESIS=deep` looks for long.
"""

from __future__ import annotations

import os

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error

from app.http import create_app
from tests.serving import Served

EXAMPLES = 400 if os.environ.get("SHANHE_HYPOTHESIS") == "deep" else 5


schema = schemathesis.openapi.from_dict(create_app().openapi())


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=EXAMPLES == 5,
    database=None,
)
@pytest.mark.filterwarnings("ignore")
def test_no_request_makes_the_service_fail(case, service: Served):
    case.call_and_validate(base_url=service.url, checks=[not_a_server_error])
