-- name: newest
select max(number) from release;

-- name: info
select number, published_at, published_on, note, changed_layers from release where number = :release;

-- name: layers
select v.*, (select jsonb_agg(jsonb_build_array(lower(r), upper(r))) from unnest(v.valid_days) as r) as spans,
       (select count(*) from coverage c where c.layer = v.layer and c.releases @> cast(:release as integer)) as coverage_count
from layer_version v
where v.releases @> cast(:release as integer)
order by (v.spec ->> 'order')::integer, v.layer;
