-- What has a name that holds :text, the best match first; at most :most of it.
-- Codes of cells are names too. Nothing is found without a text.
-- :day     the local date of the cells
-- :own     the cell that bounds what may be found; null: everything
-- :near    degrees within which pieces of one kind and name are one thing
with recursive asked as (
    select lower(normalize(cast(:text as text), nfkc)) as words
),

below as (
    select
        code,
        geom
    from cell_version
    where
        code = cast(:own as text)
        and valid @> cast(:day as date)
    union all
    select
        child.code,
        child.geom
    from cell_version as child
    inner join below on child.parent = below.code
    where child.valid @> cast(:day as date)
),

bound as (
    select geom
    from below
    where code = cast(:own as text)
),

seen as (
    select
        version.code,
        version.name,
        version.parent,
        version.geom,
        cell.level
    from cell_version as version
    inner join cell on version.code = cell.code
    where
        version.valid @> cast(:day as date)
        and (cast(:own as text) is null or version.code in (select below.code from below))
),

pieces as (
    select
        layer_feature.name,
        case layer_feature.kind when 'lane' then 'road' else layer_feature.kind end as kind,
        case
            when cast(:own as text) is null then layer_feature.geom
            else st_intersection(layer_feature.geom, (select bound.geom from bound))
        end as geom
    from layer_feature
    cross join asked
    where
        layer_feature.name <> ''
        and strpos(lower(normalize(layer_feature.name, nfkc)), asked.words) > 0
        and (
            cast(:own as text) is null
            or st_intersects(layer_feature.geom, (select bound.geom from bound))
        )
        -- Houses that have the name of their hamlet are found with it.
        and not (
            layer_feature.kind = 'building'
            and exists (
                select 1
                from layer_feature as hamlet
                where
                    hamlet.kind = 'hamlet'
                    and hamlet.name = layer_feature.name
                    and hamlet.geom && layer_feature.geom
            )
        )
),

clustered as (
    select
        kind,
        name,
        geom,
        st_clusterdbscan(geom, cast(:near as float8), 1) over (partition by kind, name) as thing
    from pieces
),

named as (
    select
        'cell' as kind,
        '' as sort,
        seen.name,
        seen.code,
        seen.level,
        parent.name as within,
        seen.geom
    from seen
    left join seen as parent on seen.parent = parent.code
    union all
    select
        'place' as kind,
        place.kind as sort,
        place.name,
        '' as code,
        null as level,
        null as within,
        place.geom
    from place
    where
        cast(:own as text) is null
        or st_intersects(place.geom, (select bound.geom from bound))
    union all
    select
        kind,
        '' as sort,
        name,
        '' as code,
        null as level,
        null as within,
        st_collect(geom) as geom
    from clustered
    group by kind, name, thing
),

folded as (
    select
        *,
        lower(normalize(name, nfkc)) as folded_name,
        lower(code) as folded_code
    from named
),

ranked as (
    select
        folded.*,
        case
            when asked.words in (folded.folded_name, folded.folded_code) then 0
            when starts_with(folded.folded_name, asked.words) then 1
            when starts_with(folded.folded_code, asked.words) then 2
            when strpos(folded.folded_name, asked.words) > 0 then 3
            when strpos(folded.folded_code, asked.words) > 0 then 4
        end as rank
    from folded
    cross join asked
    where asked.words <> ''
),

best as (
    select
        *,
        row_number() over (
            order by
                rank,
                length(name),
                array_position(array['cell', 'place', 'hamlet', 'water', 'road'], kind),
                level,
                name,
                code,
                st_xmin(geom),
                st_ymin(geom)
        ) as number
    from ranked
    where rank is not null
    order by number
    limit :most
),

pointed as (
    select
        *,
        st_pointonsurface(geom) as at
    from best
)

select
    pointed.kind,
    pointed.sort,
    pointed.name,
    pointed.code,
    pointed.level,
    coalesce(pointed.within, around.name, '') as within,
    st_x(pointed.at) as lon,
    st_y(pointed.at) as lat,
    st_xmin(pointed.geom) as west,
    st_ymin(pointed.geom) as south,
    st_xmax(pointed.geom) as east,
    st_ymax(pointed.geom) as north
from pointed
left join lateral (
    select seen.name
    from seen
    where pointed.kind <> 'cell' and st_intersects(seen.geom, pointed.at)
    order by seen.level desc, seen.code asc
    limit 1
) as around on true
order by pointed.number
