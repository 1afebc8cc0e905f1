-- Issues as they stand at :at, the latest report first, each as one point.
-- :within  the cells to look at; with :everywhere all, those in no cell too
select
    issue.id,
    issue.category,
    issue.text,
    issue.severity,
    issue.reported_at,
    line.status,
    line.due,
    line.escalated,
    st_x(st_pointonsurface(issue.geom)) as lon,
    st_y(st_pointonsurface(issue.geom)) as lat,
    line.status not in ('closed', 'rejected') and coalesce(line.due < :at, false) as overdue,
    coalesce(line.owner, '') as owner
from issue
inner join lateral (
    select
        (array_agg(ledger.status order by ledger.version desc))[1] as status,
        (array_agg(ledger.due order by ledger.version desc))[1] as due,
        (array_agg(ledger.owner order by ledger.version desc))[1] as owner,
        bool_or(ledger.kind = 'escalated') as escalated,
        bool_or(ledger.kind = 'reported') as begun
    from ledger
    where ledger.issue = issue.id and ledger.at <= :at
) as line on line.begun
where
    (:everywhere or issue.cell = any(:within))
    and (line.status not in ('closed', 'rejected') or not :only_open)
order by issue.reported_at desc, issue.id asc
