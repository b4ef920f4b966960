"""Which facts about a project a site can be asked at all: how a line crosses is a question for lines only; it answers none."""

from __future__ import annotations

from typing import Any

import shapely

from zoning import attributes
from zoning.condition import Facts
from zoning.project import Project
from zoning.site import Site


def is_line(site: Site) -> bool:
    """Whether a site is a line, or a corridor around one."""
    return site.dimension == 1 or (site.axis is not None and shapely.get_dimensions(site.axis) == 1)


def facts_at(project: Project, site: Site, **also: Any) -> Facts:
    """The project as conditions see it on this site; `also` answers further attributes, for what-if.

    An attribute that is asked of lines only and was not stated does not hold for any other site: it is not missing there.
    """
    facts = project.facts(**also)
    if is_line(site):
        return facts
    unasked = (a.id for a in attributes.declared().values() if a.asked_of == "line" and a.id not in facts.attributes)
    return Facts(facts.activity, facts.groups, facts.attributes, frozenset(unasked))
