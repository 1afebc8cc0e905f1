-- Marks the ground that counts on some zoom-16 tiles (:xs, :ys, and :bits, a bitmap
-- for each) in the masks of all cells there.
update cell_tile
set due_mask = cell_tile.mask & counting.bits
from
    unnest(
        cast(:xs as int[]), cast(:ys as int[]), cast(:bits as bit(4096)[])
    ) as counting (x, y, bits)
where cell_tile.x = counting.x and cell_tile.y = counting.y
