-- name: newest
select number, (extract(epoch from published_at) * 1000000)::bigint from release order by number desc limit 1;

-- name: entries
-- What decides who may see a layer: its entry at a release, and that of the version which holds now (the newest, when it has ended).
select v.layer, jsonb_build_object('visibility', v.spec -> 'visibility', 'public_form', v.spec -> 'public_form') as then,
       (select jsonb_build_object('visibility', n.spec -> 'visibility', 'public_form', n.spec -> 'public_form')
        from layer_version n where n.layer = v.layer order by upper_inf(n.releases) desc, n.version desc limit 1) as now
from layer_version v
where v.releases @> cast(:release as integer)
order by (v.spec ->> 'order')::integer, v.layer;
