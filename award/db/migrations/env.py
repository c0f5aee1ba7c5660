"""How Alembic reaches our tables: always through an engine handed in by `award.db.schema`."""

from alembic import context

from award.db.schema import METADATA

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    # SQLite checks foreign keys at once while a table is rebuilt; they are checked again by every later connection.
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    connection.commit()
