-- Ground that counts of each of the cells :cells (versions) and that nobody covered
-- from :first to :last (inclusive).
with seen as materialized (
    select
        x,
        y,
        bit_or(bits) as bits
    from cover_tile
    where day between :first and :last
    group by x, y
)

select
    cell_tile.cell,
    cell_tile.x,
    cell_tile.y,
    bit_send(coalesce(cell_tile.due_mask & ~seen.bits, cell_tile.due_mask)) as bits
from cell_tile
left join seen
    on cell_tile.x = seen.x and cell_tile.y = seen.y
where
    cell_tile.cell = any(cast(:cells as int[]))
    and bit_count(coalesce(cell_tile.due_mask & ~seen.bits, cell_tile.due_mask)) > 0
order by cell_tile.cell
