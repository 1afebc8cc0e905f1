-- Bring many issues' own rows up to the ends of their ledgers: one array a column.
update issue
set
    version = head.version,
    owner = head.owner,
    status = head.status,
    due = head.due,
    next_due = head.next_due
from
    unnest(
        cast(:issue as uuid[]),
        cast(:version as integer[]),
        cast(:owner as text[]),
        cast(:status as text[]),
        cast(:due as timestamptz[]),
        cast(:next_due as timestamptz[])
    ) as head (id, version, owner, status, due, next_due)
where issue.id = head.id
