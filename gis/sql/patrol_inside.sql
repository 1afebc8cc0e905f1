-- Ground of the cells :cells (versions) together, on the zoom-16 tiles from :west,
-- :north to :east, :south.
select
    x,
    y,
    bit_send(bit_or(mask)) as bits
from cell_tile
where
    cell = any(cast(:cells as int[]))
    and x between :west and :east
    and y between :north and :south
group by x, y
