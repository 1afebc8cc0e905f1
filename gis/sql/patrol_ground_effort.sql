-- Packed effort from :first to :last (inclusive), all of a zoom-16 tile in one value,
-- on the tiles from :west, :north to :east, :south.
select
    x,
    y,
    string_agg(cells, '') as cells
from effort_tile
where
    day between :first and :last
    and x between :west and :east
    and y between :north and :south
group by x, y
