"""Dates and documents are read strictly; what is wrong is named."""

from __future__ import annotations

import datetime as dt

import pytest

from app.request import day, document
from app.service import today
from zoning.errors import BadProject


def test_a_day_is_read_and_none_means_today():
    assert day("2024-06-30") == dt.date(2024, 6, 30)
    assert day(None) == today()


@pytest.mark.parametrize("text", ["2024-6-30", "2024-13-01", "20240630", "30.06.2024", "2024-02-30", "", "2024-W01-1"])
def test_a_day_written_otherwise_is_refused(text):
    with pytest.raises(BadProject) as refused:
        day(text)
    assert refused.value.type == "date-invalid"
    assert refused.value.where == {"field": "as_of", "value": text}


def test_a_document_is_read_from_its_parts():
    assert document("kind=energy_review, number=示例〔2024〕1号,date=2024-03-01") == {
        "kind": "energy_review",
        "number": "示例〔2024〕1号",
        "date": "2024-03-01",
    }


@pytest.mark.parametrize("text", ["energy_review", "kind=a,kind=b", "kind=a,,number=b"])
def test_a_document_written_otherwise_is_refused(text):
    with pytest.raises(BadProject) as refused:
        document(text)
    assert refused.value.type == "document-incomplete"
