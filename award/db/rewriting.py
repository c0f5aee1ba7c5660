"""Writing the database file anew, so that what was deleted is no longer in it."""

from award.db.engine import Database


def rewrite(database: Database) -> None:
    """Writes every page anew and leaves out what no row holds (VACUUM). A deleted row's bytes stay in the file
    otherwise, until something else is written over them. Nobody writes meanwhile; about a second for each 100 MB.

    Copies elsewhere (backups, disks that were changed before) are not reached.
    """
    with database.write_lock, database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # nothing to do where there is no such file
