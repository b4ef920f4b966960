-- name: at
-- Features that may be at a place: areas that hold it (or touch it), lines and points in the box around it, cut to the box.
select f.layer, ST_Dimension({geometry}) as dimension,
       ST_AsBinary(case ST_Dimension({geometry}) when 1 then ST_ClipByBox2D({geometry}, box.geom) when 0 then {geometry} end) as nearby,
       convert_to({feature}, 'UTF8') as feature
from feature f,
     (select ST_MakeEnvelope(:west, :south, :east, :north, 4490) as geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) as point) box
where f.geom && ST_Expand(box.geom, {reach}) and f.releases @> :release::integer and f.layer = any(:layers)
  and case ST_Dimension({geometry})
      when 2 then ST_Intersects({geometry}, box.point)
      else ST_Intersects({geometry}, box.geom) end
limit :most;
