-- The last day, from :first to :last (inclusive), on which somebody was present in each
-- place: :minimum seconds or more inside. :cells (versions) lie in :places (codes), one each. Time
-- counts up to the border of a cell for those who answer for it or for the place
-- (:people, :held, :since, :until; see patrol_duty.sql), else only what is farther
-- than 15 m from it. A place where nobody was has no row.
with place as (
    select
        asked.cell,
        asked.code
    from unnest(cast(:cells as int[]), cast(:places as text[])) as asked (cell, code)
),

duty as (
    select
        stretch.person,
        stretch.code,
        stretch.since,
        stretch.until
    from unnest(
        cast(:people as text[]),
        cast(:held as text[]),
        cast(:since as date[]),
        cast(:until as date[])
    ) as stretch (person, code, since, until)
),

-- Equality on the person joins by hash; who answers in two ways counts once.
leaf_stay as (
    select
        place.code,
        effort_cell_day.cell,
        effort_cell_day.day,
        effort_cell_day.person,
        max(
            case
                when duty.person is null then effort_cell_day.inner_seconds
                else effort_cell_day.seconds
            end
        ) as seconds
    from place
    inner join effort_cell_day on place.cell = effort_cell_day.cell
    inner join cell_version on effort_cell_day.cell = cell_version.id
    left join duty
        on
            effort_cell_day.person = duty.person
            and duty.code in (cell_version.code, place.code)
            and effort_cell_day.day >= duty.since
            and effort_cell_day.day < duty.until
    where effort_cell_day.day between :first and :last
    group by place.code, effort_cell_day.cell, effort_cell_day.day, effort_cell_day.person
),

stay as (
    select
        code,
        day
    from leaf_stay
    group by code, day, person
    having sum(seconds) >= :minimum
)

select
    code,
    max(day) as day
from stay
group by code
