-- Ground of the leaf cells :cells (versions), how much of it counts, and how much of
-- what counts was covered from :first to :last (inclusive): by anyone, and by those
-- who answered for the cell on the day of the walk (:people, :held, :since, :until;
-- see patrol_duty.sql). Square metres by ground cells. A cell that nobody walked has
-- 0; one that nobody answered for in the window has null for its holders.
with due as (
    select
        cell_tile.cell,
        cell_version.code,
        cell_tile.x,
        cell_tile.y,
        cell_tile.mask,
        cell_tile.due_mask as bits,
        cell_tile.ground_cell_m2
    from cell_tile
    inner join cell_version on cell_tile.cell = cell_version.id
    where cell_tile.cell = any(cast(:cells as int[]))
),

duty as (
    select
        stretch.person,
        stretch.code,
        stretch.since,
        stretch.until
    from
        unnest(
            cast(:people as text[]),
            cast(:held as text[]),
            cast(:since as date[]),
            cast(:until as date[])
        ) as stretch (person, code, since, until)
    where stretch.since <= :last and stretch.until > :first
),

seen as materialized (
    select
        x,
        y,
        bit_or(bits) as bits
    from cover_tile
    where day between :first and :last
    group by x, y
),

-- Equality on the person alone joins by hash. Keeping only the cell's own tiles
-- here looks cheaper, yet takes several times as long with many persons.
own as materialized (
    select
        duty.code,
        cover_tile.x,
        cover_tile.y,
        bit_or(cover_tile.bits) as bits
    from duty
    inner join cover_tile
        on
            duty.person = cover_tile.person
            and cover_tile.day between :first and :last
            and duty.since <= cover_tile.day
            and duty.until > cover_tile.day
    group by duty.code, cover_tile.x, cover_tile.y
),

answered as (
    select distinct code
    from duty
)

select
    due.cell,
    sum(bit_count(due.mask) * due.ground_cell_m2) as ground_m2,
    sum(bit_count(due.bits) * due.ground_cell_m2) as due_m2,
    sum(coalesce(bit_count(due.bits & seen.bits), 0) * due.ground_cell_m2) as covered_m2,
    case
        when bool_or(answered.code is not null)
            then sum(coalesce(bit_count(due.bits & own.bits), 0) * due.ground_cell_m2)
    end as own_m2
from due
left join seen
    on due.x = seen.x and due.y = seen.y
left join own
    on due.code = own.code and due.x = own.x and due.y = own.y
left join answered
    on due.code = answered.code
group by due.cell
order by due.cell
