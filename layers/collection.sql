-- name: layers
select layer, version, title_zh, title_en, content_hash, feature_count, legal_status, accuracy_m, spec,
       (select jsonb_build_object('visibility', n.spec -> 'visibility', 'public_form', n.spec -> 'public_form')
        from layer_version n where n.layer = v.layer order by upper_inf(n.releases) desc, n.version desc limit 1) as now,
       (select case when bool_or(lower_inf(r)) then null else min(lower(r)) end from unnest(valid_days) as r) as first,
       (select case when bool_or(upper_inf(r)) then null else max(upper(r)) - 1 end from unnest(valid_days) as r) as last
from layer_version v
where releases @> :release::integer and (:layer::text is null or layer = :layer)
order by (spec ->> 'order')::integer, layer;

-- name: extent
select ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
from (
    select ST_Extent({geometry}) as box from feature f where f.layer = :layer and f.releases @> :release::integer
) as extent;
