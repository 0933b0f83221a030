"""AWS's dialect of SQLAlchemy: tables with their index and foreign key, objects, a query that joins, reflection.
Prints what it saw as JSON."""

import json
import os
import sys
import uuid

import sqlalchemy as sa
from aurora_dsql_sqlalchemy import create_dsql_engine
from sqlalchemy import orm

(host,) = sys.argv[1:]
engine = create_dsql_engine(host=host, user="admin", sslrootcert=os.environ["PGSSLROOTCERT"])


class Base(orm.DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: orm.Mapped[uuid.UUID] = orm.mapped_column(primary_key=True, default=uuid.uuid4)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(100), index=True)
    books: orm.Mapped[list["Book"]] = orm.relationship(
        back_populates="author", primaryjoin="Author.id == foreign(Book.author_id)")


class Book(Base):
    __tablename__ = "books"
    id: orm.Mapped[uuid.UUID] = orm.mapped_column(primary_key=True, default=uuid.uuid4)
    author_id: orm.Mapped[uuid.UUID]
    title: orm.Mapped[str]
    author: orm.Mapped[Author] = orm.relationship(
        back_populates="books", primaryjoin="Author.id == foreign(Book.author_id)")


Base.metadata.create_all(engine)
with orm.Session(engine) as session:
    session.add(Author(name="Zoë", books=[Book(title="One"), Book(title="Two")]))
    session.commit()
with orm.Session(engine) as session:
    statement = sa.select(Book.title, Author.name).join(Book.author).order_by(Book.title)
    rows = [list(row) for row in session.execute(statement)]
    session.delete(session.scalars(sa.select(Book).where(Book.title == "One")).one())
    session.commit()
    left = session.scalar(sa.select(sa.func.count()).select_from(Book))
inspector = sa.inspect(engine)
tables = sorted(inspector.get_table_names())
key = inspector.get_pk_constraint("books")["constrained_columns"]
Base.metadata.drop_all(engine)
engine.dispose()
print(json.dumps({"rows": rows, "left": left, "tables": tables, "key": key}))
