-- name: extents
-- Where the features of some layers lie, and a point at which each may be named.
select f.layer, f.code, f.name, f.name_en, f.class as class_, f.properties,
       ST_XMin(f.geom) as west, ST_YMin(f.geom) as south, ST_XMax(f.geom) as east, ST_YMax(f.geom) as north,
       ST_X(p.point) as lon, ST_Y(p.point) as lat
from feature f
cross join lateral (
    select case when ST_Dimension(f.geom) = 2
                then ST_PointOnSurface(ST_SimplifyPreserveTopology(f.geom, 0.002))
                else ST_PointOnSurface(f.geom) end as point
) p
where f.layer = any(:layers) and f.releases @> cast(:release as integer) and not ST_IsEmpty(f.geom)
  and (cast(:classes as text[]) is null or f.class = any(:classes))
order by f.layer, f.code collate "C";

-- name: boxes
-- Where the features of some layers lie: their boxes only, which cost next to nothing.
select f.layer, f.code, f.properties, ST_XMin(f.geom) as west, ST_YMin(f.geom) as south, ST_XMax(f.geom) as east, ST_YMax(f.geom) as north
from feature f
where f.layer = any(:layers) and f.releases @> cast(:release as integer) and not ST_IsEmpty(f.geom)
order by f.layer, f.code collate "C";

-- name: river_names
-- Points along each line at which its name may be written, the middle first, with the line's direction there.
select f.code, f.name, f.name_en, ST_Length(line) > 1.5 as long, ST_X(s.at) as lon, ST_Y(s.at) as lat,
       degrees(ST_Azimuth(s.before, s.after)) as azimuth
from feature f
cross join lateral (
    select d.geom as line from ST_Dump(ST_LineMerge(f.geom)) d order by ST_Length(d.geom) desc limit 1
) longest
cross join lateral (
    select place, ST_LineInterpolatePoint(line, share) as at, ST_LineInterpolatePoint(line, greatest(share - 0.02, 0)) as before,
           ST_LineInterpolatePoint(line, least(share + 0.02, 1)) as after
    from unnest(array[0.5, 0.22, 0.78, 0.36, 0.64]) with ordinality as t(share, place)
) s
where f.layer = :layer and f.releases @> cast(:release as integer) and not ST_IsEmpty(f.geom)
order by f.code collate "C", s.place;

-- name: releases
-- The releases up to one, the newest first.
select number, published_on, note from release where number <= :newest order by number desc limit :limit;
