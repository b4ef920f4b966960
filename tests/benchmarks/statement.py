"""The yardstick: one PostGIS statement, as a careful analyst writes it by hand, for what a check looks up around a site."""

from __future__ import annotations

import shapely
import sqlalchemy as sa

from zoning.evidence import Window
from zoning.site import Site

# The same layers, the same window and the same cut tables as the check: the overlap of every feature that meets the site,
# and the distance to every feature whose boundary is in the window, both on the spheroid, by layer.
STATEMENT = sa.text("""
    with s as (
        select st_geomfromwkb(:site, 4490) as geom, st_makeenvelope(:west, :south, :east, :north, 4490) as around
    ),
    overlap as (
        select p.feature_id,
               sum(case when st_dimension(s.geom) = 2 then st_area(st_intersection(p.geom, s.geom)::geography)
                        else st_length(st_intersection(p.geom, s.geom)::geography) end) as size
        from s join piece p on p.geom && s.geom and p.releases @> cast(:release as integer)
        where st_intersects(p.geom, s.geom)
        group by p.feature_id
    ),
    near as (
        select e.feature_id, min(st_distance(e.geom::geography, s.geom::geography)) as metres
        from s join edge e on e.geom && s.around and e.releases @> cast(:release as integer)
        group by e.feature_id
    )
    select f.layer, f.code, f.name, o.size, case when o.size is null then n.metres else 0 end as metres
    from (select feature_id from overlap union select feature_id from near) as found
    join feature f on f.id = found.feature_id
    left join overlap o on o.feature_id = f.id
    left join near n on n.feature_id = f.id
    order by f.layer, f.code
""")


def by_hand(connection: sa.Connection, site: Site, window: Window, release: int) -> int:
    """Run the statement; gives the number of features found."""
    place = {"west": window.west, "south": window.south, "east": window.east, "north": window.north}
    asked = {"site": shapely.to_wkb(site.geometry), "release": release, **place}
    return len(connection.execute(STATEMENT, asked).all())
