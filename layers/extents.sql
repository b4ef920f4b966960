-- name: extents
-- Where the features of some layers lie, and a point at which each may be named.
select f.layer, f.code, f.name, f.name_en, f.class as class_, f.properties,
       ST_XMin(f.geom) as west, ST_YMin(f.geom) as south, ST_XMax(f.geom) as east, ST_YMax(f.geom) as north,
       ST_X(p.point) as lon, ST_Y(p.point) as lat
from feature f
join layer_version v on v.layer = f.layer and v.releases @> cast(:release as integer)
cross join lateral (
    select case when ST_Dimension(f.geom) = 2
                then ST_PointOnSurface(ST_SimplifyPreserveTopology(f.geom, 0.002))
                else ST_PointOnSurface(f.geom) end as point
) p
where f.layer = any(:layers) and f.releases @> cast(:release as integer) and not ST_IsEmpty(f.geom)
  and v.spec ->> 'visibility' = 'public' and v.spec ->> 'public_form' <> 'hidden'
  and (cast(:classes as text[]) is null or f.class = any(:classes))
order by f.layer, f.code collate "C";

-- name: river_names
-- Points along each line, three for a long one, at which its name may be written, with the line's direction there.
select f.code, f.name, f.name_en, s.share, ST_X(s.at) as lon, ST_Y(s.at) as lat,
       degrees(ST_Azimuth(s.before, s.after)) as azimuth
from feature f
join layer_version v on v.layer = f.layer and v.releases @> cast(:release as integer)
cross join lateral (
    select d.geom as line from ST_Dump(ST_LineMerge(f.geom)) d order by ST_Length(d.geom) desc limit 1
) longest
cross join lateral (
    select share, ST_LineInterpolatePoint(line, share) as at, ST_LineInterpolatePoint(line, greatest(share - 0.02, 0)) as before,
           ST_LineInterpolatePoint(line, least(share + 0.02, 1)) as after
    from unnest(case when ST_Length(line) > 1.5 then array[0.5, 0.2, 0.8] else array[0.5] end) as share
) s
where f.layer = :layer and f.releases @> cast(:release as integer) and not ST_IsEmpty(f.geom)
  and v.spec ->> 'visibility' = 'public' and v.spec ->> 'public_form' <> 'hidden'
order by f.code collate "C", s.share <> 0.5, s.share;

-- name: releases
-- The releases up to one, the newest first.
select number, published_on, note from release where number <= :newest order by number desc limit :limit;
