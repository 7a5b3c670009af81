"""What a touch costs on disk: ``figures(cursor)``, for any database with a ledger."""

TABLES = """
    SELECT 'contact_touch'::regclass AS oid
     UNION ALL
    SELECT inhrelid FROM pg_inherits WHERE inhparent = 'contact_touch'::regclass
"""


def figures(cursor):
    """Bytes per touch, in the ledger's table and in its indexes.

    The tables of months, where there are some, are part of it. Sizes are those of the
    files: free space inside them counts.

    :param cursor: of any open connection
    :return: dict ``touches``, ``table_bytes_per_touch``, ``index_bytes_per_touch``,
        ``bytes_per_touch`` (None without touches) and ``indexes``: {name: bytes per
        touch of the ledger}
    """
    cursor.execute("SELECT count(*) FROM contact_touch")
    touches = cursor.fetchone()[0]
    cursor.execute(
        f"SELECT sum(pg_table_size(oid)), sum(pg_indexes_size(oid)) FROM ({TABLES}) t"
    )
    table, index = (_per(size, touches) for size in cursor.fetchone())
    return {
        "touches": touches,
        "table_bytes_per_touch": table,
        "index_bytes_per_touch": index,
        "bytes_per_touch": _per_sum(table, index),
        "indexes": _indexes(cursor, touches),
    }


def _indexes(cursor, touches):
    """{name of the ledger's index: bytes per touch}, its copies in months included."""
    cursor.execute(
        f"""
        SELECT min(c.relname) FILTER (WHERE i.indrelid = 'contact_touch'::regclass),
               sum(pg_relation_size(c.oid)) AS size
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid IN ({TABLES})
         GROUP BY i.indisunique,
                  regexp_replace(pg_get_indexdef(c.oid), '^.*? USING ', '')
         ORDER BY size DESC
        """
    )
    return {name: _per(size, touches) for name, size in cursor.fetchall()}


def _per(size, touches):
    return round(float(size) / touches, 1) if touches else None


def _per_sum(table, index):
    return None if table is None else round(table + index, 1)
