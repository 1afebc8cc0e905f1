-- Ground of the leaf cells in force on :day, on some zoom-16 tiles (:xs, :ys).
select
    cell_tile.cell,
    cell_tile.x,
    cell_tile.y,
    bit_send(cell_tile.mask) as mask,
    bit_send(cell_tile.inner_mask) as inner_mask
from unnest(cast(:xs as int[]), cast(:ys as int[])) as asked (x, y)
inner join cell_tile
    on asked.x = cell_tile.x and asked.y = cell_tile.y
inner join cell_version
    on cell_tile.cell = cell_version.id and cell_version.valid @> cast(:day as date)
where
    not exists (
        select 1
        from cell_version as child
        where child.parent = cell_version.code and child.valid @> cast(:day as date)
    )
