-- Who answered for the cells :cells, from one day on until before another: the holders
-- of the post, and on days without any its deputies. A post is held in the role (of
-- :roles) that belongs to the cell's level (of :levels). An open beginning is the year
-- 1, an open end the year 9999.
with held as (
    select
        holding.person,
        holding.cell,
        holding.deputy_for,
        datemultirange(holding.during) as days
    from holding
    inner join cell on holding.cell = cell.code
    inner join unnest(cast(:roles as text[]), cast(:levels as int[])) as post (role, level)
        on holding.role = post.role and cell.level = post.level
    where holding.cell = any(cast(:cells as text[]))
),

filled as (
    select
        cell,
        range_agg(days) as days
    from held
    where deputy_for is null
    group by cell
),

acting as (
    select
        person,
        cell,
        days
    from held
    where deputy_for is null
    union all
    select
        held.person,
        held.cell,
        held.days - coalesce(filled.days, '{}') as days
    from held
    left join filled on held.cell = filled.cell
    where held.deputy_for is not null
)

select
    acting.person,
    acting.cell,
    coalesce(lower(stretch), date '0001-01-01') as since,
    coalesce(upper(stretch), date '9999-12-31') as until
from acting
cross join unnest(acting.days) as stretch
order by acting.cell, acting.person, since
