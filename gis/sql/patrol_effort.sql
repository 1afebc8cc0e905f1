-- Work from :first to :last (inclusive) in each place, and (a null code) in all of
-- them together. :cells (versions) lie in :places (codes), one each. A place where
-- nobody was has no row.
select
    place.code,
    sum(effort_cell_day.seconds) as person_seconds,
    sum(effort_cell_day.passes) as passes,
    count(distinct effort_cell_day.day) as days
from unnest(cast(:cells as int[]), cast(:places as text[])) as place (cell, code)
inner join effort_cell_day on place.cell = effort_cell_day.cell
where effort_cell_day.day between :first and :last
group by rollup (place.code)
