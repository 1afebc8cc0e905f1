-- Tracks from :first to :last (inclusive) in and around the cells :cells (versions).
-- The margin, in degrees, is 25 m and more up to 85° of latitude.
select
    cell_version.id as cell,
    patrol_segment.person,
    patrol_segment.day,
    st_asbinary(patrol_segment.geom) as geom
from cell_version
inner join patrol_segment
    on patrol_segment.geom && st_expand(cell_version.geom, 0.003)
where
    cell_version.id = any(cast(:cells as int[]))
    and patrol_segment.day between :first and :last
order by cell_version.id, patrol_segment.id
