-- Person-days whose effort by cell no longer fits the cells: those that walked on
-- ground of the new shapes (:cells) while these are in force, and those whose
-- figures name a cell that is not in force on the day, or no longer a leaf.
select
    effort_tile.day,
    effort_tile.person
from effort_tile
inner join cell_tile
    on effort_tile.x = cell_tile.x and effort_tile.y = cell_tile.y
inner join cell_version
    on cell_tile.cell = cell_version.id and cell_version.valid @> effort_tile.day
where cell_tile.cell = any(cast(:cells as int[]))
union
select
    effort_cell_day.day,
    effort_cell_day.person
from effort_cell_day
left join cell_version
    on effort_cell_day.cell = cell_version.id and cell_version.valid @> effort_cell_day.day
left join cell_version as child
    on cell_version.code = child.parent and child.valid @> effort_cell_day.day
where effort_cell_day.cell > 0 and (cell_version.id is null or child.id is not null)
order by day, person
