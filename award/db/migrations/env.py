"""How Alembic reaches our tables: always through an engine handed in by `award.db.schema`."""

from alembic import context

from award.db.schema import METADATA

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    # SQLite checks foreign keys at once while a table is rebuilt, so they are off meanwhile and checked before COMMIT.
    # The pragma does nothing inside a transaction, and SQLAlchemy begins one with its first statement: ask the driver.
    driver = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")
