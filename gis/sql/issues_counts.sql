-- How many issues of each cell were reported, moved up and closed in a window, and how many are
-- open and overdue at an instant: from the ledger alone. An empty cell is ground in no cell.
-- :at     the instant, itself included; what is dated later is not known
-- :since  the window's beginning, included; null: of all time
-- :until  its end, not included; null: :at
with line as (
    select
        issue,
        version,
        kind,
        status,
        due,
        at >= coalesce(:since, cast('-infinity' as timestamptz))
        and at < coalesce(:until, cast('infinity' as timestamptz)) as counts
    from ledger
    where at <= :at
),

last_line as (
    select distinct on (issue)
        issue,
        status not in ('closed', 'rejected') as open,
        coalesce(due < :at, false) as late
    from line
    order by issue asc, version desc
),

happened as (
    select
        issue,
        bool_or(kind = 'reported') as begun,
        bool_or(kind = 'reported' and counts) as reported,
        bool_or(kind = 'escalated' and counts) as escalated,
        bool_or(kind = 'closed' and counts) as closed
    from line
    group by issue
)

select
    coalesce(issue.cell, '') as cell,
    count(*) filter (where happened.reported) as reported,
    count(*) filter (where last_line.open) as open,
    count(*) filter (where last_line.open and last_line.late) as overdue,
    count(*) filter (where happened.escalated) as escalated,
    count(*) filter (where happened.closed) as closed
from happened
inner join last_line on happened.issue = last_line.issue
inner join issue on happened.issue = issue.id
where happened.begun  -- a file may say that an issue was closed before it was reported
group by coalesce(issue.cell, '')
