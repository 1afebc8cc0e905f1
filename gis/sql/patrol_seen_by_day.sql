-- Ground covered by anyone on each day from :first to :last (inclusive), on the
-- zoom-16 tiles from :west, :north to :east, :south; the earliest day first.
select
    day,
    x,
    y,
    bit_send(bit_or(bits)) as bits
from cover_tile
where
    day between :first and :last
    and x between :west and :east
    and y between :north and :south
group by day, x, y
order by day
