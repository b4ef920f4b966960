-- name: kinds
-- What a search may be narrowed to: every public layer, and the classes of the layers that are only for finding.
select layer as kind, title_zh, title_en, null as class_of
from layer_version
where releases @> cast(:release as integer) and layer = any(:public)
union all
select c.key, c.value ->> 'zh', c.value ->> 'en', layer
from layer_version, jsonb_each(spec -> 'classes') c
where releases @> cast(:release as integer) and layer = any(:public) and spec ->> 'checked' = 'false'
order by class_of nulls first, kind;

-- name: search
-- One page of the features that carry the words in some name, the closest first: names that are the words, then other
-- names and misprints that are, then names that begin with them, then names that hold them; shorter names before longer.
with held as (
    select layer, title_zh, title_en, spec, cast(spec ->> 'order' as integer) as place
    from layer_version
    where releases @> cast(:release as integer) and layer = any(:public)
),
said as (
    -- What lacks the first character looked for is put aside before its names are taken apart and folded: that is what costs.
    select f.id, f.layer, f.code, h.place, w.via, w.words, translate(lower(w.words), :folded, :into) as plain
    from feature f
    join held h on h.layer = f.layer
    cross join lateral (
        select 0 as via, f.name as words
        union all select 1, f.code
        union all select 2, f.name_en
        union all select 3, unnest(string_to_array(f.properties ->> 'aliases', '；'))
        union all select 4, unnest(string_to_array(f.properties ->> 'misprints', '；'))
    ) w
    where f.releases @> cast(:release as integer)
      and (position(:first in f.name) > 0 or position(:first_simple in f.name) > 0
           or f.properties ->> 'aliases' is not null or f.properties ->> 'misprints' is not null)
      and (position(:first in w.words) > 0 or position(:first_simple in w.words) > 0)
      and (cast(:layer as text) is null or f.layer = :layer)
      and (cast(:code as text) is null or f.code = :code)
      and (cast(:kind as text) is null or f.layer = :kind or (h.spec ->> 'checked' = 'false' and f.class = :kind))
      and (cast(:placed as boolean) is null or (f.properties ->> 'why' is null) = :placed)
    offset 0
),
compared as (
    select *, case when plain is nfkc normalized then plain else translate(lower(normalize(plain, NFKC)), :folded, :into) end as folded
    from said
    offset 0
),
ranked as (
    select distinct on (id)
        id, layer, code, place, via, words,
        case
            when :q = '' then 4
            when folded in (:q, :simple) and via < 3 then 0
            when folded in (:q, :simple) then 1
            when starts_with(folded, :q) or starts_with(folded, :simple) then 2
            else 3
        end as rank,
        case when :q = '' then 0 else length(folded) end as size
    from compared
    where position(:q in folded) > 0 or (:simple <> :q and position(:simple in folded) > 0)
    order by id, rank, via, size
),
page as (
    select *
    from ranked
    where not :paged
       or (rank, via, size, place, layer collate "C", code collate "C")
        > (:rank, :via, :size, :place, cast(:after_layer as text) collate "C", cast(:after_code as text) collate "C")
    order by rank, via, size, place, layer collate "C", code collate "C"
    limit :limit
)
select
    p.rank, p.via, p.size, p.place, p.words, f.layer, f.code, f.name, f.name_en, f.class as class_, f.properties, f.plan_line,
    f.accuracy_m, f.legal_status, f.source, f.method, f.licence, h.title_zh, h.title_en, h.spec -> 'classes' -> f.class as class_title,
    ST_X(s.point) as lon, ST_Y(s.point) as lat,
    ST_XMin(s.box) as west, ST_YMin(s.box) as south, ST_XMax(s.box) as east, ST_YMax(s.box) as north,
    (
        select jsonb_agg(jsonb_build_object('code', d.code, 'name', jsonb_build_object('zh', d.name, 'en', d.name_en)) order by d.code)
        from feature d
        where d.layer in ('county', 'city') and d.releases @> cast(:release as integer)
          and d.code = any(string_to_array(
              coalesce(f.properties ->> 'division_codes', f.properties ->> 'county_code', f.properties ->> 'city_code'), '；'))
    ) as divisions
from page p
join feature f on f.id = p.id
join held h on h.layer = f.layer
cross join lateral (
    -- Of a generalised layer only the grid cells are shown.
    select case when f.layer = any(:exact) then ST_PointOnSurface(f.geom)
                else ST_SnapToGrid(ST_PointOnSurface(f.geom), :grid) end as point,
           case when f.layer = any(:exact) then f.geom else ST_SnapToGrid(ST_Points(ST_BoundingDiagonal(f.geom)), :grid) end as box
) s
order by p.rank, p.via, p.size, p.place, p.layer collate "C", p.code collate "C";
